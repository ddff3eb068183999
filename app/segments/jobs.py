"""The segments' bells."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.segments import service
from app.shops import tokens


def hourly() -> None:
    """Ring for every shop alone."""
    for shop_id in tokens.everyone():
        ring_now("segments.measure", str(shop_id))


def measure(shop_id: str) -> None:
    """Measure what is usual in a shop."""
    with unit_of_work(int(shop_id)) as session:
        service.measure(session)
