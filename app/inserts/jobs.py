"""The inserts' bells."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.inserts import tagging
from app.shops import tokens


def hourly() -> None:
    """Ring for every shop alone."""
    for shop_id in tokens.everyone():
        ring_now("inserts.look", str(shop_id))


def look(shop_id: str) -> None:
    """See what is to be tagged: answers, time and cards change it without an order's news."""
    with unit_of_work(int(shop_id)) as session:
        tagging.look_at_all(session)
