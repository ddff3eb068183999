"""The senders' bells."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.core.tenancy import every_shop
from app.senders import errands, service


def nightly() -> None:
    """Ring for every shop alone: a name server that does not answer holds up no other shop."""
    for shop_id in every_shop():
        ring_now("senders.look", str(shop_id))


def look(shop_id: str) -> None:
    """See whether the domain's records are still there, and whether the figures recovered."""
    errands.look(int(shop_id))
    with unit_of_work(int(shop_id)) as session:
        service.weigh(session)
        service.prove_again(session)
