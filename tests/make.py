"""Builders: real rows, made through the tables of the rooms, with everything a test does not care
about filled in sensibly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from app.cli.serve import QUEUES
from app.core import clock
from app.core.db import unit_of_work
from app.core.runtime import Runtime, runtime
from app.core.secrets import seal
from app.core.tenancy import add_shop
from app.core.ticker import due_of
from app.mirror.model import Customer, Order, OrderLine, Product, Variant, VariantPrice
from app.shops.model import Shop, StaffMember
from tests.sign import STAFF

_numbers = count(1001)

FILLED = {
    "sender_name": "ひなたコーヒー",
    "reply_to": "hello@hinata.example",
    "support_email": "hello@hinata.example",
    "legal_name": "株式会社ひなた",
    "postal_address": "〒150-0001 東京都渋谷区神宮前1-2-3",
    "legal_url": "https://hinata.example/legal",
    "complaints_contact": "hello@hinata.example",
    "color": "#7a4a21",
}


@dataclass(frozen=True)
class MadeShop:
    """A shop for tests: its number and its domain."""

    id: int
    domain: str

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A unit of work of this shop."""
        with unit_of_work(self.id) as session:
            yield session


def shop(
    domain: str = "hinata-coffee.myshopify.com",
    *,
    locale: str = "ja",
    currency: str = "JPY",
    timezone: str = "Asia/Tokyo",
    settings: dict[str, Any] | None = None,
) -> MadeShop:
    """An installed shop with its footer and sender filled in."""
    shop_id = add_shop(domain)
    with unit_of_work(shop_id) as session:
        session.add(
            Shop(
                shop_id=shop_id,
                domain=domain,
                name="ひなたコーヒー" if locale == "ja" else "Maple Goods",
                storefront_url=f"https://{domain}",
                contact_email="owner@hinata.example",
                currency=currency,
                timezone=timezone,
                country="JP" if locale == "ja" else "US",
                locale=locale,
                installed_at=clock.now(session),
                access_token=seal("shpat_made"),
                access_token_expires=clock.machine_now() + timedelta(hours=1),
                refresh_token=seal("shprt_made"),
                refresh_token_expires=clock.machine_now() + timedelta(days=90),
                settings={**FILLED, **(settings or {})},
            )
        )
        # Whoever tests.sign signs in as: asked about today, so that no page asks Shopify again.
        session.add(
            StaffMember(
                shop_id=shop_id, user_id=STAFF, ask_after=clock.machine_now() + timedelta(days=1)
            )
        )
    return MadeShop(shop_id, domain)


def customer(session: Session, **given: Any) -> Customer:
    """A customer who ticked the marketing box."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "shopify_id": number,
        "email": f"buyer{number}@example.com",
        "first_name": "太郎",
        "last_name": "山田",
        "locale": "ja",
        "country": "JP",
        "marketing_state": "subscribed",
        "marketing_updated_at": clock.now(session),
    }
    return _added(session, Customer(shop_id=session.info["shop_id"], **{**values, **given}))


#: For so long what tests sell has had its price.
SOLD_FOR = timedelta(days=90)


def product(session: Session, **given: Any) -> tuple[Product, Variant]:
    """A product with one variant: coffee beans at ¥1,980, as ever."""
    shop_id = session.info["shop_id"]
    price = given.pop("price_minor", 1980)
    ships = given.pop("requires_shipping", True)
    values: dict[str, Any] = {
        "shopify_id": next(_numbers),
        "title": "ひなたブレンド 200g",
        "handle": "hinata-blend",
        "product_type": "Coffee",
        "kind": "consumable",
        "image_url": "https://cdn.example/blend.png",
    }
    made = _added(session, Product(shop_id=shop_id, **{**values, **given}))
    variant = Variant(
        shop_id=shop_id,
        product_id=made.id,
        shopify_id=next(_numbers),
        title="200g",
        price_minor=price,
        inventory=50,
        requires_shipping=ships,
    )
    _added(session, variant)
    _added(
        session,
        VariantPrice(
            shop_id=shop_id,
            variant_shopify_id=variant.shopify_id,
            price_minor=price,
            currency="JPY",
            since=clock.now(session) - SOLD_FOR,
        ),
    )
    return made, variant


#: Where parcels of made orders go.
HOME = {
    "name": "山田 太郎",
    "zip": "150-0001",
    "province": "東京都",
    "city": "渋谷区",
    "address1": "神宮前1-2-3",
    "country_code": "JP",
}


def order(
    session: Session,
    *,
    buyer: Customer | None = None,
    items: list[tuple[Product, Variant]] | None = None,
    age: timedelta = timedelta(0),
    **given: Any,
) -> Order:
    """A paid order of one line per item (one product of its own by default)."""
    number = next(_numbers)
    buyer = buyer or customer(session)
    items = items or [product(session)]
    total = sum(variant.price_minor for _, variant in items)
    values: dict[str, Any] = {
        "shopify_id": number,
        "name": f"#{number}",
        "checkout_token": f"token{number}",
        "customer_id": buyer.id,
        "email": buyer.email,
        "locale": "ja",
        "currency": "JPY",
        "subtotal_minor": total,
        "total_minor": total,
        "financial_status": "paid",
        "source_name": "web",
        "placed_at": clock.now(session) - age,
        "shipping_address": dict(HOME),
        "nth": 1,
    }
    made = _added(session, Order(shop_id=session.info["shop_id"], **{**values, **given}))
    for sold, variant in items:
        _added(session, _line(made, sold, variant))
    return made


def _line(made: Order, sold: Product, variant: Variant) -> OrderLine:
    return OrderLine(
        shop_id=made.shop_id,
        order_id=made.id,
        shopify_id=next(_numbers),
        product_shopify_id=sold.shopify_id,
        variant_shopify_id=variant.shopify_id,
        title=sold.title,
        variant_title=variant.title,
        quantity=1,
        current_quantity=1,
        price_minor=variant.price_minor,
        requires_shipping=variant.requires_shipping,
    )


def _added(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


@contextmanager
def changed(
    app: Flask, *, channels: Mapping[str, Any] | None = None, **settings: Any
) -> Iterator[Flask]:
    """The app with other settings or channels for as long as this lasts, in a context of its own;
    cheaper than an app of its own, which compiles every template and statement again."""
    before: Runtime = app.extensions["okaeri"]
    app.extensions["okaeri"] = replace(
        before,
        settings=replace(before.settings, **settings),
        channels=before.channels if channels is None else channels,
    )
    try:
        with app.app_context():
            yield app
    finally:
        app.extensions["okaeri"] = before


class _Worker(SimpleWorker):
    """Works in the test's own process and thread: no fork, no signals, the real queues."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Signals belong to pytest."""

    def subscribe(self) -> None:
        """Nobody commands a worker that is gone in a moment, and a listener takes a thread."""

    def run_maintenance_tasks(self) -> None:
        """There are no dead workers to tidy up after."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A job that raises is a failure of the test, not a line in a log."""
        super().handle_exception(job, *exc_info)
        raise exc_info[1]


def settle(app: Flask, owner: Engine | None = None, *, rounds: int = 50) -> None:
    """Let workers and clock do all there is to do now, through the real queues."""
    running: Runtime = app.extensions["okaeri"]
    assert running.settings.database_owner_url
    engine = owner or create_engine(running.settings.database_owner_url)
    redis = Redis.from_url(running.settings.redis_url)
    try:
        for _ in range(rounds):
            _ring_due(running, redis)
            _work_off(redis)
            if clock.unfinished(engine) == 0:
                return
        raise AssertionError(f"still {clock.unfinished(engine)} rows due after {rounds} rounds")
    finally:
        redis.close()
        if owner is None:
            engine.dispose()


def _ring_due(running: Runtime, redis: Redis) -> None:
    for tick in due_of([one for one in running.table("SCHEDULE") if one.due is not None]):
        # Without the coalescing, which would make a test wait for its end.
        room, job = tick.bell.split(".")
        Queue(
            running.table("BELLS")[tick.bell], connection=redis, serializer=JSONSerializer
        ).enqueue_call(func=f"app.{room}.jobs.{job}", args=tick.args, result_ttl=0)


def _work_off(redis: Redis) -> None:
    queues = [Queue(name, connection=redis, serializer=JSONSerializer) for name in QUEUES]
    if any(queue.count for queue in queues):
        _Worker(queues, connection=redis, serializer=JSONSerializer).work(
            burst=True, logging_level="ERROR"
        )


def travel(owner: Engine, app: Flask, span: timedelta) -> None:
    """Move business time on by `span` as the time machine does: from due moment to due moment,
    everything settled at each."""
    target = clock.business_now(owner) + span
    while True:
        settle(app, owner)
        due = clock.next_due(owner)
        here = clock.business_now(owner)
        if due is None or due > target:
            break
        clock.shift_to(owner, max(due, here) + timedelta(milliseconds=10))
    clock.shift_to(owner, target)
    settle(app, owner)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An aware UTC moment."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


__all__ = [
    "MadeShop", "at", "changed", "customer", "order", "product", "runtime", "settle", "shop",
    "travel",
]  # fmt: skip
