"""A text put before the lint: as it was written, and as one reader would get it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.core.runtime import runtime
from app.discounts import promises
from app.messages import imaginary, samples
from app.messages.context import Mail
from app.messages.facts import Facts
from app.messages.kinds import kind
from app.messages.lint import BLOCK, Case, Finding, claims, lint
from app.messages.lint.case import Limited, Offer, terms_of
from app.messages.render import Rendered, Text, render
from app.messages.texts import own, shipped, store
from app.messages.texts.blocks import Content, Coupon
from app.messages.texts.filling import fill
from app.messages.texts.store import Place
from app.mirror import queries as mirror
from app.shops.service import shop
from app.shops.settings import ShopSettings, missing_for_marketing


@dataclass(frozen=True)
class Reader:
    """Somebody who might get the message: one order, or what stands in for one."""

    facts: Facts
    mail: Mail


@dataclass(frozen=True)
class Around:
    """What the shop sells until a deadline, and what sending an order usually costs: the same for
    every text that is looked at."""

    offers: tuple[Offer, ...]
    shipping_minor: int


def around(session: Session) -> Around:
    """Ask what stands around the shop's texts."""
    offers = _offers(session)
    return Around(offers, mirror.usual_shipping(session) if offers else 0)


def reader(
    session: Session,
    place: Place,
    order_id: int | None = None,
    ids: dict[str, int] | None = None,
) -> Reader:
    """A reader of a kind: a real order's buyer when one is named, else the latest order (its `ids`,
    if they are known already) without its buyer's name. No link of such a mail acts."""
    with use_locale(place.locale):
        facts, mail = samples.world(session, kind(place.kind), place.locale, order_id, ids)
    return Reader(facts, mail)


def show(session: Session, content: Content, seen: Reader) -> Rendered:
    """The mail that reader would get; raises `GiveUp` with the place of a mistake."""
    return render(seen.mail, own.with_products(session, content, seen.facts))


def said_now(session: Session, place: Place) -> Rendered:
    """What is said at a place today: the shop's published text, or Okaeri's own."""
    seen, row = reader(session, place), store.published(session, place)
    return show(session, store.content_of(row), seen) if row else render(seen.mail)


def findings(
    session: Session, place: Place, content: Content, seen: Reader, there: Around | None = None
) -> list[Finding]:
    """Everything the lint says of a shop's text, in the language of the block around it. `there` is
    what `around` said, when it was asked already."""
    return lint(case(session, place, content, seen, there))


def shipped_findings(
    session: Session, place: Place, seen: Reader | None = None, there: Around | None = None
) -> list[Finding]:
    """Everything the lint says of Okaeri's own text in Okaeri's own layout."""
    seen = seen or reader(session, place)
    content = shipped.content(place.kind, place.locale)
    text = own.with_products(session, content, seen.facts)
    made = _known(session, place, text, seen, there)
    return lint(_rendered(made, seen.mail, text, as_shipped=True))


def shipped_alone(place: Place, today: date) -> list[Finding]:
    """Everything the lint says of Okaeri's own text in a shop that does not exist."""
    with use_locale(place.locale):
        mail = imaginary.mail(kind(place.kind), place.locale, today)
    text = Text(shipped.content(place.kind, place.locale), {}, today, made_up=True)
    return lint(_rendered(_case(place, mail, text), mail, text, as_shipped=True))


def case(
    session: Session, place: Place, content: Content, seen: Reader, there: Around | None = None
) -> Case:
    """What the lint looks at."""
    text = own.with_products(session, content, seen.facts)
    return _rendered(_known(session, place, text, seen, there), seen.mail, text)


def _known(session: Session, place: Place, text: Text, seen: Reader, there: Around | None) -> Case:
    """What the lint looks at, but for what a reader would see."""
    settings, there = seen.facts.settings, there or around(session)
    made = replace(
        _case(place, seen.mail, text),
        missing_footer=tuple(missing_for_marketing(settings)),
        offers=there.offers,
        shipping_minor=there.shipping_minor,
        currency=seen.facts.shop.currency,
        coupon_percent=settings.coupon_percent if settings.coupon_code else None,
        missing_pages=_missing_pages(settings),
    )
    return replace(made, earlier=_earlier(session, place, made))


def _missing_pages(settings: ShopSettings) -> frozenset[str]:
    """The pages that a button may name and that this shop does not have."""
    there = {
        "booking": bool(settings.booking_url),
        "course": bool(settings.course_url),
        "feedback": "feedback" in runtime().table("MAIL_PARTS"),
    }
    return frozenset(name for name, has in there.items() if not has)


def _case(place: Place, mail: Mail, text: Text) -> Case:
    chosen, brand = kind(place.kind), mail.brand
    lines = (brand.legal_name, *brand.postal_address.splitlines(), brand.complaints_contact)
    return Case(
        kind=chosen.name,
        message_class=chosen.message_class,
        topic=chosen.topic,
        locale=place.locale,
        content=text.content,
        variables=variables(mail),
        today=text.today,
        legal_lines=tuple(line for line in lines if line),
        coupon_percent=mail.coupon.percent if mail.coupon else None,
    )


def variables(mail: Mail) -> frozenset[str]:
    """Every name a text may ask for, as `group.name`."""
    return frozenset(f"{group}.{name}" for group, names in mail.liquid.items() for name in names)


def _rendered(made: Case, mail: Mail, text: Text, *, as_shipped: bool = False) -> Case:
    """With what a reader would see: `text` in the frame of the shops' own texts, or what is shipped
    in the kind's own frame."""
    try:
        with use_locale(made.locale):
            filled = fill(text.content, text.world(mail))
        rendered = render(mail, None if as_shipped else text)
    except GiveUp as error:
        return replace(made, mistake=str(error))
    return replace(
        made,
        subject=filled.subject,
        preheader=filled.preheader,
        shown=tuple(filled.blocks),
        ours=as_shipped,
        html=rendered.html,
        plain=rendered.plain,
    )


def _offers(session: Session) -> tuple[Offer, ...]:
    """What the thank-you page sells until a deadline."""
    return tuple(
        Offer(str(one.product), one.terms, one.prices) for one in promises.standing(session)
    )


def against_offers(session: Session) -> list[Place]:
    """Where the shop's published texts give what the thank-you page says would end."""
    offers = _offers(session)
    rows = [row for row in store.all_current(session) if row.state == store.PUBLISHED]
    if not offers or not rows:
        return []
    shipping, currency = mirror.usual_shipping(session), shop(session).currency
    found = []
    for row in rows:
        chosen = kind(row.kind)
        case = Case(
            kind=row.kind,
            message_class=chosen.message_class,
            topic=chosen.topic,
            locale=row.locale,
            content=store.content_of(row),
            variables=frozenset(),
            today=now(session).date(),
            offers=offers,
            shipping_minor=shipping,
            currency=currency,
        )
        if any(each.severity == BLOCK for each in claims.after_the_offer(case)):
            found.append(Place(row.kind, row.locale, row.use))
    return found


def _earlier(session: Session, place: Place, made: Case) -> tuple[Limited, ...]:
    """The deadlines that earlier versions named. A version ends where the next one begins."""
    found, until = [], None
    for row in store.history(session, place):
        first = row.published_at.date() if row.published_at else None
        for block in store.content_of(row).blocks:
            last = block.last_day if isinstance(block, Coupon) else None
            if last is None or first is None or not isinstance(block, Coupon):
                continue
            found.append(Limited(terms_of(block, made), first, min(last, until) if until else last))
        until = first
    return tuple(found)
