"""A Shopify to talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shopify.fake_shopify import Shopify, serve


@pytest.fixture
def shopify() -> Iterator[Shopify]:
    """Answers over real HTTP what the test scripts."""
    with serve() as running:
        yield running
