"""What other rooms' statements carry of a reader says the same as asking for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import BigInteger, literal, select
from sqlalchemy.orm import Session

from app.consent import queries, rules, service
from app.core.clock import now
from app.mirror.model import Customer
from tests import make
from tests.make import MadeShop

ORDER = 7


def reader_of(session: Session, customer: Customer) -> queries.Reader:
    about = Customer.shop_id, Customer.id, literal(ORDER, BigInteger), Customer.email
    row = session.execute(
        select(*queries.columns(*about)).where(Customer.id == customer.id),
        {"moment": now(session)},
    ).one()
    return queries.reader(queries.Columns(*row))


def test_a_reader_is_what_the_ledger_says(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        one, other = make.customer(session), make.customer(session)
        for topic in ("reviews", "offers"):
            service.withdraw(session, one.id, channel="email", topic=topic, source="page")
        # The second is told of later, and is yet the older word.
        for topic, age in (("reviews", timedelta(0)), ("offers", timedelta(days=9))):
            moment = now(session) - age
            said = {"channel": "email", "source": "page", "topic": topic, "occurred_at": moment}
            service.grant(session, one.id, **said)
        service.link_channel(session, one.id, "line", "U1", {})
        service.hold(session, customer_id=other.id, order_id=ORDER, reason="delay")
    with shop.work() as session:
        found = reader_of(session, one)
        words = queries.words(session, one.id)
        assert found.words == {about: rules.word_of(said) for about, said in words.items()}
        assert found.words["email", "reviews"].granted
        assert not found.words["email", "offers"].granted
        assert found.addresses == queries.addresses(session, one.id) == {"line": "U1"}
        assert found.held
        nobody = reader_of(session, make.customer(session))
        assert (nobody.words, nobody.addresses) == ({}, {})
        service.release(session, customer_id=other.id, order_id=ORDER, reason="delay")
        assert not reader_of(session, one).held


def test_only_what_did_not_arrive_is_missing_and_only_from_its_order(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        one = make.customer(session)
        for reason in ("delay", "not_received"):
            for order in (ORDER, ORDER + 1):
                service.hold(session, customer_id=one.id, order_id=order, reason=reason)
        assert reader_of(session, one).missing
        assert queries.misses(session, ORDER)
        service.release(session, customer_id=one.id, order_id=ORDER, reason="not_received")
        found = reader_of(session, one)
        assert (found.held, found.missing) == (True, False)
        assert not queries.misses(session, ORDER)


@pytest.mark.parametrize(
    ("written", "suppressed"),
    [
        ("Hanako@Example.COM", "hanako@example.com"),
        ("INFO@example.com", "info@EXAMPLE.com"),
        # Where PostgreSQL folds letters otherwise than we do.
        ("Straße@example.de", "STRASSE@example.de"),
        ("İrem@example.com", "i̇rem@example.com"),
        (" hanako@example.com", "hanako@example.com"),
    ],
)
def test_a_suppressed_address_is_found_however_it_is_written(
    app: Flask, shop: MadeShop, written: str, suppressed: str
) -> None:
    with shop.work() as session:
        one = make.customer(session, email=written)
        service.suppress(session, channel="email", address=suppressed, reason="hard_bounce")
        refused = service.may_send(
            session,
            one,
            address=written,
            channel="email",
            message_class="transactional",
            known=reader_of(session, one),
        )
        assert refused == "suppressed"
