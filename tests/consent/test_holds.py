"""What has to wait for a person, and where else they are reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.consent import jobs, queries, service
from app.consent.model import ChannelAddress, Hold
from app.core import clock
from app.journal.model import JournalEntry
from app.mirror import queries as mirror
from tests import make
from tests.make import MadeShop


def told(session: Session, *kinds: str) -> list[tuple[str, str]]:
    query = select(JournalEntry).where(JournalEntry.kind.in_(kinds)).order_by(JournalEntry.id)
    return [(e.kind, e.data.get("reason") or e.data["channel"]) for e in session.scalars(query)]


def test_a_hold_of_one_order_holds_its_buyer_until_the_last_is_released(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        buyer, other = make.customer(session).id, make.customer(session).id
        for _ in range(2):
            service.hold(session, customer_id=buyer, order_id=7, reason="delay")
        service.hold(session, customer_id=buyer, order_id=8, reason="complaint")
    with shop.work() as session:
        held = queries.held(session, buyer, 99)
        assert held is not None
        assert held.until is None
        assert queries.held(session, None, 7) is not None
        assert queries.held(session, other, 99) is None
        assert queries.held(session, None, None) is None
        assert service.release(session, customer_id=buyer, order_id=7, reason="delay")
        assert not service.release(session, customer_id=buyer, order_id=7, reason="delay")
        assert [hold.reason for hold in queries.holds(session, buyer)] == ["complaint"]
        service.release(session, customer_id=buyer, order_id=8, reason="complaint")
        assert queries.held(session, buyer, 8) is None
        assert told(session, "Held", "Released") == [
            ("Held", "delay"),
            ("Held", "complaint"),
            ("Released", "delay"),
            ("Released", "complaint"),
        ]


def test_a_pause_ends_by_itself_and_says_so(app: Flask, shop: MadeShop, owner: Engine) -> None:
    with shop.work() as session:
        buyer = make.customer(session).id
        until = clock.now(session) + timedelta(days=30)
        service.hold(session, customer_id=buyer, reason="customer_pause", until=until)
    jobs.end_holds()
    with shop.work() as session:
        assert queries.held(session, buyer, None) is not None
        assert clock.next_due(owner) == until
    clock.shift_to(owner, until + timedelta(minutes=1))
    with shop.work() as session:
        assert queries.held(session, buyer, None) is None
    jobs.end_holds()
    with shop.work() as session:
        assert told(session, "Released") == [("Released", "customer_pause")]
        assert session.scalars(select(Hold.state)).all() == ["done"]


def test_nobody_is_held_for_an_unknown_reason(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        with pytest.raises(ValueError, match="mood"):
            service.hold(session, customer_id=1, reason="mood")
        with pytest.raises(ValueError, match="nobody"):
            service.hold(session, customer_id=None, reason="delay")


def test_a_linked_channel_brings_notices_and_no_advertising(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        service.link_channel(session, buyer.id, "line", "U0001", {"where": "thank-you page"})
        service.link_channel(session, buyer.id, "line", " U0002 ", {"where": "thank-you page"})
        assert queries.addresses(session, buyer.id) == {"line": "U0002"}
        assert queries.customers_at(session, "line", "U0002") == [buyer.id]
        assert queries.customers_at(session, "line", "U0001") == []
        ask = {"address": "U0002", "channel": "line"}
        may = service.may_send
        assert may(session, buyer, message_class="service", topic="orders", **ask) is None
        marketing = {"message_class": "marketing", "topic": "offers", **ask}
        assert may(session, buyer, **marketing) == "no_consent"
        kept = session.scalars(select(ChannelAddress.address_sealed)).one()
        assert "U0002" not in kept
        assert service.unlink_channel(session, buyer.id, "line")
        assert not service.unlink_channel(session, buyer.id, "line")
        assert queries.addresses(session, buyer.id) == {}
        assert [kind for kind, _ in told(session, "ChannelLinked", "ChannelUnlinked")] == [
            "ChannelLinked",
            "ChannelLinked",
            "ChannelUnlinked",
        ]


def test_an_erased_person_is_nowhere_reached_and_held(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        service.link_channel(session, buyer.id, "line", "U0001", {})
        service.hold(session, customer_id=buyer.id, reason="complaint")
        told_of = service.export_person(session, buyer)
        assert told_of["addresses"] == {"line": "U0001"}
        assert told_of["holds"][0]["reason"] == "complaint"
        service.erase_person(session, buyer)
        person = mirror.customer(session, buyer.id)
        assert person is not None
        assert service.export_person(session, person)["addresses"] == {}
        assert session.scalars(select(Hold)).all() == []
