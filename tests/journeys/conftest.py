"""A world with journeys."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.journeys.world import World
from tests.make import MadeShop
from tests.messages.conftest import noon

__all__ = ["noon"]


@pytest.fixture
def world(app: Flask, shop: MadeShop) -> World:
    """The shop, with all recommended journeys on."""
    made = World(app, shop)
    made.switch_on()
    return made


@pytest.fixture
def trial(app: Flask, shop: MadeShop) -> World:
    """A shop with no journey on."""
    return World(app, shop)
