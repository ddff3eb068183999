"""The recommendations' bells."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.recommendations import service
from app.shops import tokens


def nightly() -> None:
    """Ring for every shop alone."""
    for shop_id in tokens.everyone():
        ring_now("recommendations.learn", str(shop_id))


def learn(shop_id: str) -> None:
    """Learn anew what goes together in a shop."""
    with unit_of_work(int(shop_id)) as session:
        service.learn(session)
