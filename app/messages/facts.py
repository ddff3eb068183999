"""Who a message is for and what stands in its way: read once, used at the decision and again when
it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.consent.queries import Reader
from app.consent.service import may_send
from app.core.claim import Claim
from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.messages import notices, reasons
from app.messages.kinds import MARKETING, Kind
from app.messages.model import Message
from app.messages.zones import zone_of
from app.mirror.model import Customer, Order, OrderLine
from app.parcels.model import Parcel
from app.senders import queries as senders
from app.shops import service as shops
from app.shops.model import Shop
from app.shops.settings import ShopSettings, missing_for_marketing

EMAIL = "email"
#: A test send goes to the merchant: no consent, no hours, no caps.
TEST = "test"


class Rows(NamedTuple):
    """What a message is about and who reads it, as it is stored."""

    shop: Shop
    order: Order | None
    customer: Customer | None
    line: OrderLine | None
    parcel: Parcel | None
    reader: Reader


@dataclass(frozen=True)
class Facts:
    """Everything a decision looks at."""

    kind: Kind
    message_class: str
    shop: Shop
    settings: ShopSettings
    order: Order | None
    customer: Customer | None
    line: OrderLine | None
    parcel: Parcel | None
    reader: Reader
    #: The mail address, and the address on the channel that was chosen.
    mailbox: str
    address: str
    locale: str
    zone: str
    country: str | None = None
    #: As Shopify codes it, with the country: `JP-13`.
    province: str | None = None
    channel: str = EMAIL


def gather(
    session: Session,
    kind: Kind,
    *,
    order_id: int | None,
    customer_id: int | None,
    subject_ids: dict[str, Any],
    recipient: str | None = None,
    channel: str = EMAIL,
    message_class: str | None = None,
    locale: str | None = None,
    rows: Rows | None = None,
) -> Facts:
    """Read what is known of a message's reader and subject. Ids of things that are gone (erased,
    another shop's) leave their place empty. `rows` are what was read with the message itself."""
    shop, order, customer, line, parcel, reader = rows or _rows(
        session, order_id, customer_id, subject_ids.get("line_id"), subject_ids.get("parcel_id")
    )
    written = (order.email if order else None) or (customer.email if customer else None)
    mailbox = ((recipient if channel == EMAIL else None) or written or "").strip()
    place = (order.shipping_address if order else None) or {}
    country = place.get("country_code") or (customer.country if customer else None)
    return Facts(
        kind=kind,
        message_class=message_class or kind.message_class,
        shop=shop,
        settings=shops.settings_of(shop),
        order=order,
        customer=customer,
        line=line,
        parcel=parcel,
        reader=reader,
        mailbox=mailbox,
        address=mailbox if channel == EMAIL else reached_at(channel, order, customer, reader),
        locale=locale or choose_locale(order.locale if order else None, shop.locale),
        zone=zone_of(country, place.get("province_code"), shop.timezone),
        country=country,
        province=place.get("province_code"),
        channel=channel,
    )


def refusal(session: Session, facts: Facts, *, agreed: bool = False) -> str | None:
    """Why this message may not go to this person now; None when it may. `agreed`: the person was
    asked in this very unit of work, and has nothing against it."""
    if facts.message_class == TEST:
        return of_subject(facts)
    refused = _of_owner(session, facts) or of_subject(facts)
    return refused or (None if agreed else of_person(session, facts))


def _of_owner(session: Session, facts: Facts) -> str | None:
    """One owner per message: what another tool sends, we do not (rules.md, ruling 14)."""
    elsewhere = senders.owner(session, facts.kind.name) != senders.OKAERI
    return reasons.SENT_ELSEWHERE if elsewhere else None


def of_subject(facts: Facts) -> str | None:
    """What about the shop or the order speaks against it."""
    if facts.shop.uninstalled_at is not None or facts.shop.installed_at is None:
        return reasons.SHOP_INACTIVE
    if facts.shop.paused_at is not None and facts.message_class == MARKETING:
        return reasons.SHOP_PAUSED
    return None if facts.message_class == TEST else _of_order(facts)


def obstacle(facts: Facts) -> str | None:
    """What a message has to wait for before it may go; None when nothing is in its way. What an
    order needs said waits for a paused shop, and for its goods where it speaks of them as being
    there; what sells waits while something is wrong."""
    if facts.message_class == TEST:
        return None
    if facts.message_class != MARKETING:
        if facts.shop.paused_at is not None:
            return reasons.SHOP_PAUSED
        return reasons.PARCEL_MISSING if facts.kind.in_hand and facts.reader.missing else None
    if facts.province and facts.province in facts.settings.frequency.held_provinces:
        return reasons.DISASTER
    return reasons.HELD if facts.reader.held else None


def _of_order(facts: Facts) -> str | None:
    order = facts.order
    if order is not None and order.cancelled_at is not None:
        return reasons.ORDER_CANCELLED
    if order is not None and order.financial_status == "refunded":
        return reasons.ORDER_REFUNDED
    if facts.line is not None and facts.line.current_quantity <= 0:
        return reasons.LINE_REFUNDED
    if facts.parcel is not None and facts.parcel.cancelled_at is not None:
        return reasons.PARCEL_CANCELLED
    return None


def of_person(session: Session, facts: Facts) -> str | None:
    """What the person decided, on the channel of the facts."""
    if not facts.address:
        return reasons.NO_EMAIL if facts.channel == EMAIL else reasons.NOT_LINKED
    refused = may_send(
        session,
        facts.customer,
        address=facts.address,
        # Whoever wants no news of orders on LINE wants none by their number either.
        channel="line" if facts.channel == notices.CHANNEL else facts.channel,
        message_class=facts.message_class,
        topic=facts.kind.topic,
        known=facts.reader,
    )
    if refused:
        return refused
    if facts.message_class == MARKETING and missing_for_marketing(facts.settings):
        return reasons.FOOTER_INCOMPLETE
    return None


def reached_at(channel: str, order: Order | None, customer: Customer | None, reader: Reader) -> str:
    """Where a customer is reached by a channel other than e-mail, now; empty when nowhere."""
    if channel == notices.CHANNEL:
        return notices.address(order, customer)
    return reader.addresses.get(channel, "")


def claimed(session: Session, mine: Claim) -> tuple[Message, Rows] | None:
    """A claimed message, locked, with what it is about, in one statement; None when the lease was
    lost to another worker."""
    row = session.execute(
        _CLAIMED,
        {
            "shop_id": mine.shop_id,
            "message_id": mine.id,
            "token": mine.token,
            "moment": now(session),
        },
    ).one_or_none()
    return None if row is None else (row[0], _as_rows(row[1:]))


def _rows(
    session: Session,
    order_id: int | None,
    customer_id: int | None,
    line_id: int | None,
    parcel_id: int | None,
) -> Rows:
    """The shop and what a message is about, in one statement: every message asks."""
    whole = {
        "shop_id": session.info["shop_id"],
        "order_id": order_id,
        "customer_id": customer_id,
        "moment": now(session),
    }
    parts = {"line_id": line_id, "parcel_id": parcel_id}
    in_part = line_id is not None or parcel_id is not None
    row = session.execute(*((_ABOUT, whole | parts) if in_part else (_WHOLE, whole))).one_or_none()
    if row is None:
        raise NotFound
    shop, order, customer, *rest = row
    return _as_rows([shop, order, customer, *(() if in_part else (None, None)), *rest])


def _as_rows(found: Sequence[Any]) -> Rows:
    shop, order, customer, line, parcel, *said = found
    return Rows(shop, order, customer, line, parcel, consent.reader(consent.Columns(*said)))


def _about(query: Any, mail: Any, order_id: Any, customer_id: Any, **parts: Any) -> Any:
    """A statement about a shop with what a message is about joined to it, `parts` of it where they
    are named, and what its reader said, who is reached at `mail` or at what the order or the
    customer names."""
    written = func.coalesce(mail, func.nullif(Order.email, ""), Customer.email)
    models = {"line_id": OrderLine, "parcel_id": Parcel}
    whole = (
        query.add_columns(
            Shop,
            Order,
            Customer,
            *(models[name] for name in parts),
            *consent.columns(Shop.shop_id, Customer.id, Order.id, written),
        )
        .outerjoin(Order, and_(Order.shop_id == Shop.shop_id, Order.id == order_id))
        .outerjoin(
            Customer,
            and_(
                Customer.shop_id == Shop.shop_id,
                Customer.id == func.coalesce(customer_id, Order.customer_id),
            ),
        )
    )
    for name, number in parts.items():
        part: Any = models[name]
        whole = whole.outerjoin(part, and_(part.shop_id == Shop.shop_id, part.id == number))
    return whole


def _subject(name: str) -> Any:
    return Message.subject_ids[name].astext.cast(BigInteger)


# Put together once: making such a statement takes longer than asking it.
_WHOLE, _ABOUT = (
    _about(
        select().select_from(Shop),
        None,
        **{name: bindparam(name, type_=BigInteger) for name in ("order_id", "customer_id", *parts)},
    ).where(Shop.shop_id == bindparam("shop_id"))
    for parts in ((), ("line_id", "parcel_id"))
)
_CLAIMED = (
    _about(
        select(Message).join(Shop, Shop.shop_id == Message.shop_id),
        case((Message.channel == EMAIL, func.nullif(Message.recipient, ""))),
        func.coalesce(Message.order_id, _subject("order_id")),
        Message.customer_id,
        line_id=_subject("line_id"),
        parcel_id=_subject("parcel_id"),
    )
    .where(
        Message.shop_id == bindparam("shop_id"),
        Message.id == bindparam("message_id"),
        Message.claim_token == bindparam("token"),
    )
    .with_for_update(of=Message)
)
