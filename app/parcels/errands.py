"""Errands over the network of whoever follows a shop's parcels."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.secrets import unseal
from app.mirror import queries as mirror
from app.parcels import aftership, providers, queries
from app.parcels.events import ParcelShipped


def follow(shop_id: int, event: ParcelShipped) -> None:
    """Have a parcel that has just left followed, where the shop has an account for that."""
    with unit_of_work(shop_id) as session:
        account = providers.account(session)
        if account is None:
            return
        parcel = queries.parcel(session, event.parcel_id)
        number, carrier = parcel.tracking_number, parcel.carrier
        key, title = unseal(account.api_key), mirror.order(session, parcel.order_id).name
    if number:
        aftership.register(key, number=number, carrier=carrier, title=title)
