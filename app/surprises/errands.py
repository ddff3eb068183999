"""Errands to Shopify: a winner's present is made real there."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.shopify import gateway, order_verbs, presents
from app.shops import tokens
from app.surprises import service
from app.surprises.events import SurpriseWon

#: What a winner of early access is marked with as a customer: a merchant's segments look for it.
EARLY = "okaeri-early-access"


def hand_over(shop_id: int, event: SurpriseWon) -> None:
    """Make the code of a winner of free shipping, or mark who won early access. Other presents
    need people: the packing list and the tasks tell them."""
    if event.what == "shipping" and event.handover == "mail":
        _make_code(shop_id, event.win_id)
    elif event.what == "early":
        _mark(shop_id, event.win_id)


def _make_code(shop_id: int, win_id: int) -> None:
    with unit_of_work(shop_id) as session:
        wanted = service.choose_code(session, win_id)
    if wanted is None:
        return
    client = tokens.client(shop_id)
    # It may have been made although we did not hear the answer.
    made = gateway.find_discount(client, wanted.code) or presents.create_free_shipping(
        client,
        title=wanted.title,
        code=wanted.code,
        customer=wanted.customer,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    with unit_of_work(shop_id) as session:
        service.keep_code(session, win_id, made)


def _mark(shop_id: int, win_id: int) -> None:
    with unit_of_work(shop_id) as session:
        customer = service.winner(session, win_id)
    if customer is not None:
        order_verbs.add_tag(tokens.client(shop_id), "Customer", customer, EARLY)
