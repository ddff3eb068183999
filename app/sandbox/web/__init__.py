"""The sandbox's faces: thin blueprints over `app.sandbox.verbs`, one file per place."""

from __future__ import annotations

from flask import Blueprint

from app.sandbox.web.admin import admin
from app.sandbox.web.apps import apps
from app.sandbox.web.checkout import checkout
from app.sandbox.web.front import front
from app.sandbox.web.inbox import inbox
from app.sandbox.web.line import line
from app.sandbox.web.order_status import order_status
from app.sandbox.web.proxy import proxy
from app.sandbox.web.store import store
from app.sandbox.web.time import time


def blueprints() -> list[Blueprint]:
    """Every face, in the order they are registered."""
    return [front, inbox, time, admin, apps, store, checkout, order_status, line, proxy]
