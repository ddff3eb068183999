"""Cases of addresses: found, answered by the buyer, settled. The only writer of their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.addresses import forms, queries, rules
from app.addresses.events import (
    AddressAsked,
    AddressCorrected,
    AddressLeftToPerson,
    AddressSettled,
)
from app.addresses.model import OPEN, AddressCase
from app.addresses.rules import Address
from app.core import places
from app.core.clock import now
from app.core.errors import Conflict
from app.core.events import Event
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror import service as mirror_service
from app.mirror.events import AddressChanged, OrderPlaced
from app.mirror.model import Customer, Order
from app.shops import service as shops

WRITE = "write_orders"


# --- found --------------------------------------------------------------------------------------


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """A new order: does its address look right?"""
    look(session, mirror.order(session, event.order_id or 0))


def on_address_changed(session: Session, event: AddressChanged) -> None:
    """Somebody has changed the address at Shopify: look again."""
    look(session, mirror.order(session, event.order_id or 0))


def look(session: Session, order: Order) -> None:
    """Check an order's address, and open or settle its case."""
    given, found = rules.of(order.shipping_address), queries.case_of(session, order.id)
    if given is None or not mirror.needs_shipping(mirror.order_lines(session, order.id)):
        return
    finding = rules.check(given)
    if not finding.problems:
        if found is not None and found.state in OPEN:
            _end(session, found, "settled")
        return
    case = found or _new(session, order)
    case.problems, case.serious = list(finding.problems), finding.serious
    case.state, case.reason, case.wanted = "open", "", None
    session.flush()


def _new(session: Session, order: Order) -> AddressCase:
    made = AddressCase(
        shop_id=order.shop_id,
        order_id=order.id,
        customer_id=order.customer_id,
        problems=[],
        serious=False,
        state="open",
        found_at=now(session),
    )
    session.add(made)
    return made


# --- answered -----------------------------------------------------------------------------------


def fix(session: Session, order: Order) -> AddressCase:
    """The buyer takes the address as we propose it; too late, the case says so. Raises `Conflict`
    when there is nothing to take."""
    given, late = _open(session, order)
    if late is not None:
        return late
    finding = rules.check(given)
    if finding.proposal is None:
        raise Conflict("nothing to put right")
    return _ask(session, order, given, finding.proposal, "fix")


def edit(session: Session, order: Order, form: Mapping[str, str]) -> AddressCase:
    """The buyer writes another address; too late, the case says so. Raises `Invalid` with a
    sentence a field."""
    given, late = _open(session, order)
    return late or _ask(session, order, given, forms.read(form, given), "edit")


def keep(session: Session, order: Order) -> AddressCase:
    """The buyer says that it is right as it is."""
    _given, late = _open(session, order)
    if late is not None:
        return late
    case = _case(session, order)
    case.asked_at = now(session)
    _end(session, case, "kept")
    return case


def _open(session: Session, order: Order) -> tuple[Address, AddressCase | None]:
    """The address as it is, and the refused case where it can no longer be changed. Raises
    `Conflict` where nobody was ever asked."""
    given, why = rules.of(order.shipping_address), queries.why_closed(session, order)
    if given is None or why in ("off", "not_here"):
        raise Conflict(why or "not_here")
    if why is None:
        return given, None
    case = _case(session, order)
    case.asked_at = now(session)
    refuse(session, case, why)
    return given, case


def _case(session: Session, order: Order) -> AddressCase:
    return queries.case_of(session, order.id) or _new(session, order)


def _ask(session: Session, order: Order, given: Address, wanted: Address, how: str) -> AddressCase:
    case = _case(session, order)
    if wanted == given:
        _end(session, case, "kept")
        return case
    case.how, case.asked_at, case.settled_at = how, now(session), None
    case.wanted = {"to": asdict(wanted), "from": asdict(given)}
    session.flush()
    why = _doubt(session, given, wanted)
    if why is None:
        case.state, case.reason = "asked", ""
        _tell(session, AddressAsked, case)
    else:
        leave(session, case, why)
    return case


def _doubt(session: Session, given: Address, wanted: Address) -> str | None:
    """Why a person looks at a wish before it is carried out."""
    if rules.moves_away(given, wanted):
        return "far"
    if {"zip_unknown", "zip_elsewhere", "prefecture"} & set(rules.check(wanted).problems):
        return "doubtful"
    return None if shops.may(shops.shop(session), WRITE) else "no_scope"


# --- settled ------------------------------------------------------------------------------------


def leave(session: Session, case: AddressCase, why: str) -> None:
    """A person of the shop does it; what the buyer wishes is kept until they have."""
    case.state, case.reason = "person", why
    _tell(session, AddressLeftToPerson, case, why=why)


def refuse(session: Session, case: AddressCase, why: str) -> None:
    """Too late."""
    case.reason = why
    _end(session, case, "refused")


def carried_out(session: Session, case: AddressCase, address: dict[str, Any]) -> None:
    """Shopify has taken it; whatever is still odd about it is the next question."""
    order = mirror.order(session, case.order_id)
    moved = not places.same(order.shipping_address, address)
    mirror_service.move(session, order.id, address)
    left = rules.check(rules.of(address) or Address())
    case.reason = ""
    _end(session, case, "done")
    _tell(session, AddressCorrected, case, how=case.how, moved=moved)
    if left.serious and case.how == "fix":
        case.problems, case.serious, case.state = list(left.problems), True, "open"


def close(session: Session, case_id: int, who: str) -> AddressCase:
    """A person has looked after it. Closing twice changes nothing; raises `NotFound`."""
    case = queries.case(session, case_id)
    if case.state in OPEN:
        case.closed_by = who
        _end(session, case, "settled")
    return case


def _end(session: Session, case: AddressCase, state: str) -> None:
    case.state, case.wanted, case.settled_at = state, None, now(session)
    session.flush()  # A new case has its number from here on.
    _tell(session, AddressSettled, case)


def _tell(session: Session, event: Callable[..., Event], case: AddressCase, **values: Any) -> None:
    record(
        session,
        event(
            occurred_at=now(session),
            order_id=case.order_id,
            customer_id=case.customer_id,
            case_id=case.id,
            **values,
        ),
    )


# --- people -------------------------------------------------------------------------------------


def erase_person(session: Session, customer: Customer) -> int:
    """Forget the addresses a customer wished for; returns how many cases."""
    cut = session.execute(
        update(AddressCase)
        .where(AddressCase.customer_id == customer.id, AddressCase.wanted.is_not(None))
        .values(wanted=None)
        .returning(AddressCase.id)
    )
    return len(cut.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What was odd about a customer's addresses, and what they wished for."""
    found = (
        (order, queries.case_of(session, order.id))
        for order in mirror.orders_of(session, customer.id)
    )
    return [
        {
            "order": order.name,
            "problems": case.problems,
            "state": case.state,
            "wanted": (case.wanted or {}).get("to"),
        }
        for order, case in found
        if case is not None
    ]
