"""What the people of the shop do about addresses."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.addresses.events import AddressLeftToPerson, AddressSettled
from app.journeys.model import JourneyTask
from app.journeys.service.tasks import ask, close_task
from app.mirror import queries as mirror

SOURCE = "address"


def on_address_left(session: Session, event: AddressLeftToPerson) -> None:
    """A buyer wants another address, and a person has to see to it; one open task an order."""
    order = mirror.order(session, event.order_id or 0)
    if _open(session, order.id):
        return
    raced = event.why == "raced"
    ask(
        session,
        source=SOURCE,
        title={
            "ja": f"{order.name} お届け先の変更のご希望",
            "en": f"{order.name}: another address is wished for",
        },
        text={
            "ja": "お届け先の変更と発送が同時になりました。配送会社に変更をご連絡してください。"
            if raced
            else "「お届け先」のページでご希望の住所を確認し、"
            "発送の前にShopifyのご注文に反映してください。",
            "en": "The address was changed in the moment the order was shipped. Please tell the "
            "carrier."
            if raced
            else "Look at the wished address on the page “Addresses”, and change the order at "
            "Shopify before it is shipped.",
        },
        order_id=order.id,
        customer_id=order.customer_id,
    )


def on_address_settled(session: Session, event: AddressSettled) -> None:
    """Nothing is left to do."""
    for number in _open(session, event.order_id or 0):
        close_task(session, number, "")


def _open(session: Session, order_id: int) -> list[int]:
    return list(
        session.scalars(
            select(JourneyTask.id).where(
                JourneyTask.order_id == order_id,
                JourneyTask.journey == SOURCE,
                JourneyTask.state == "open",
            )
        )
    )
