"""An order with a parcel, and a way to say something about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from sqlalchemy import Engine

from app.core import clock, links
from app.messages import queries, service
from app.messages.model import Message
from app.messages.rules import TURN_OF_THE_YEAR
from app.mirror.model import Customer, Fulfillment, Order
from app.mirror.queries import order_lines
from app.parcels.model import Parcel
from app.shops import service as shops
from app.shops import settings
from tests import make


@dataclass
class Bought:
    """One order of a shop, and the ids a message about it needs."""

    shop: make.MadeShop
    order_id: int
    customer_id: int
    ids: dict[str, int] = field(default_factory=dict)

    def say(self, kind: str, key: str = "", **given: Any) -> Message:
        """Compose a message about the order, due now unless told otherwise."""
        with self.shop.work() as session:
            given = {"due_at": clock.now(session), **given}
            return service.compose(session, self.intent(kind, key, **given))

    def intent(self, kind: str, key: str = "", **given: Any) -> service.Intent:
        """A wish to say something about the order."""
        return service.Intent(
            key=key or f"test:{kind}",
            kind=kind,
            journey=given.pop("journey", "test"),
            order_id=self.order_id,
            customer_id=self.customer_id,
            subject_ids=self.ids,
            **given,
        )

    def again(self, message: Message) -> Message:
        """The message as it is now."""
        with self.shop.work() as session:
            return queries.by_id(session, message.id)

    def change(self, **values: Any) -> None:
        """Change the order's row."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, self.order_id))
            for name, value in values.items():
                setattr(order, name, value)

    def change_customer(self, **values: Any) -> None:
        """Change the customer's row."""
        with self.shop.work() as session:
            customer = session.get_one(Customer, (self.shop.id, self.customer_id))
            for name, value in values.items():
                setattr(customer, name, value)


def buy(shop: make.MadeShop, **given: Any) -> Bought:
    """A coffee order whose parcel is on its way."""
    with shop.work() as session:
        order = make.order(session, **given)
        sent = Fulfillment(
            shop_id=shop.id,
            order_id=order.id,
            shopify_id=order.shopify_id + 500_000,
            status="success",
            fulfilled_at=clock.now(session),
        )
        session.add(sent)
        session.flush()
        today: date = clock.now(session).date()
        parcel = Parcel(
            shop_id=shop.id,
            order_id=order.id,
            fulfillment_id=sent.id,
            carrier="yamato",
            tracking_number="123456789012",
            tracking_url="https://toi.kuronekoyamato.co.jp/x",
            shipped_at=clock.now(session),
            expected_from=today + timedelta(days=2),
            expected_to=today + timedelta(days=3),
        )
        session.add(parcel)
        session.flush()
        line = order_lines(session, order.id)[0]
        return Bought(
            shop, order.id, order.customer_id, {"parcel_id": parcel.id, "line_id": line.id}
        )


def prefer_days(shop: make.MadeShop, weekends: str) -> None:
    """On which days the shop's promotional mail leaves: `auto`, `on` (the weekend) or `off`."""
    with shop.work() as session:
        row = shops.shop(session)
        kept = shops.settings_of(row)
        chosen = msgspec.structs.replace(kept.frequency, weekends=weekends)
        row.settings = settings.dump(msgspec.structs.replace(kept, frequency=chosen))


@pytest.fixture
def any_day(shop: make.MadeShop) -> None:
    """Nothing of the shop waits for the weekend."""
    prefer_days(shop, "off")


def leads_to(part: str) -> list[str]:
    """Where the counted links of a mail's part lead, by what we signed into them."""
    tokens = re.findall(r"https://okaeri\.test/c/([\w.\-]+)", part)
    return [links.peek(token, "click").subject["u"] for token in tokens]


@pytest.fixture
def bought(noon: datetime, shop: make.MadeShop) -> Bought:
    """An order of the Japanese shop, at noon where its buyer lives."""
    return buy(shop)


def near_new_year(moment: datetime) -> bool:
    """Whether the two weeks from this moment on meet the days off around New Year."""
    days = [moment + timedelta(days=ahead) for ahead in range(14)]
    return any((day.month, day.day) in TURN_OF_THE_YEAR for day in days)


@pytest.fixture
def noon(app: Flask, owner: Engine) -> datetime:
    """Business time is the next noon in Tokyo: neither night nor a favourite hour. Around New Year,
    when nothing sells, it is a noon after the days off."""
    here = clock.business_now(owner)
    target = here.replace(hour=3, minute=0, second=0, microsecond=0)
    target += timedelta(days=0 if target > here else 1)
    while near_new_year(target):
        target += timedelta(days=1)
    clock.shift_to(owner, target)
    return target
