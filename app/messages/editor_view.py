"""What the editor's pages show: a text with its findings, its preview and its past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.errors import GiveUp
from app.core.locale import show_date
from app.core.request import current
from app.messages import mistakes, queries
from app.messages.editor_words import class_of_text
from app.messages.lint import Finding, lint, promotion
from app.messages.names import address_person, width
from app.messages.render import Rendered
from app.messages.texts import cases, store
from app.messages.texts.blocks import Content
from app.messages.texts.cases import Reader
from app.messages.texts.store import Place
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops import service as shops

#: How long the preview's frame stays readable.
LOOK = timedelta(minutes=15)
VIEWS = ("360", "600", "plain")
RECIPIENTS = 30


@dataclass(frozen=True)
class Wish:
    """How somebody wants to look at a text: as which order's buyer, how wide, by night or not."""

    order: int | None = None
    view: str = "360"
    dark: bool = False

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> Wish:
        """From a form or a query."""
        order, view = typed.get("order", ""), typed.get("view", "")
        return cls(
            order=int(order) if order.isascii() and order.isdigit() and len(order) < 19 else None,
            view=view if view in VIEWS else "360",
            dark="dark" in typed,
        )


@dataclass(frozen=True)
class Look:
    """One text as one reader would get it."""

    wish: Wish
    rendered: Rendered | None
    frame: str
    mistake: str
    findings: list[Finding]
    subject_width: str
    law: str

    def of(self, block: int | None, field: str | None = None) -> list[Finding]:
        """The findings of a block, or of one of its fields; None: of the message itself."""
        here = [each for each in self.findings if each.block == block]
        return here if field is None else [each for each in here if each.field == field]

    @property
    def blocking(self) -> list[Finding]:
        """What refuses publishing."""
        return [each for each in self.findings if each.severity == "block"]


def look(session: Session, place: Place, content: Content, wish: Wish) -> Look:
    """Read a text with the lint's eyes and a reader's."""
    seen = cases.reader(session, place, _known(session, wish.order))
    case = cases.case(session, place, content, seen)
    rendered, mistake = _try(session, content, seen)
    return Look(
        wish=wish,
        rendered=rendered,
        frame=_frame(session, place, wish) if rendered else "",
        mistake=mistake,
        findings=lint(case),
        subject_width=f"{width(case.subject):g}",
        law=class_of_text(case.message_class, promotion.classify(case)),
    )


def draft_html(session: Session, subject: Mapping[str, Any]) -> str:
    """The mail for the preview's frame. By night, what the mail says of dark screens holds."""
    place = Place(str(subject["draft"]), str(subject["locale"]), str(subject["use"]))
    queries.the_kind(place.kind)
    seen = cases.reader(session, place, _known(session, subject.get("order") or None))
    try:
        html = cases.show(session, store.starting(session, place), seen).html
    except GiveUp:
        return ""
    dark = "@media (prefers-color-scheme: dark)"
    return html.replace(dark, "@media all") if subject.get("dark") else html


def recipients(session: Session, locale: str) -> list[tuple[str, str]]:
    """Real orders to look at a text with, newest first: value and label."""
    zone = ZoneInfo(shops.shop(session).timezone)
    return [
        (str(order.id), f"{order.name} · {_day(order, zone, locale)} · {_buyer(session, order)}")
        for order in mirror.recent_orders(session, limit=RECIPIENTS)
        if order.redacted_at is None
    ]


def variables(seen: Reader) -> dict[str, str]:
    """Every name a text may use, with what it says for this reader."""
    return {
        f"{group}.{name}": str(value) if value not in (None, True) else ""
        for group, names in seen.mail.liquid.items()
        for name, value in names.items()
    }


def products(session: Session) -> list[tuple[str, str]]:
    """The shop's products for the picker."""
    return [(str(each.shopify_id), each.title) for each in mirror.products(session)]


def _try(session: Session, content: Content, seen: Reader) -> tuple[Rendered | None, str]:
    try:
        return cases.show(session, content, seen), ""
    except GiveUp as error:
        return None, mistakes.told(str(error))


def _frame(session: Session, place: Place, wish: Wish) -> str:
    subject = {
        "draft": place.kind,
        "locale": place.locale,
        "use": place.use,
        "order": wish.order or 0,
        "dark": int(wish.dark),
    }
    return f"/m/{links.sign(current().shop_id, 'mail', subject, now(session) + LOOK)}"


def _known(session: Session, order_id: Any) -> int | None:
    """The order if the shop has it; a stale choice falls back to the latest."""
    if order_id is None:
        return None
    found = session.get(Order, (session.info["shop_id"], int(order_id)))
    return found.id if found is not None and found.redacted_at is None else None


def _day(order: Order, zone: ZoneInfo, locale: str) -> str:
    return show_date(order.placed_at.astimezone(zone).date(), locale, weekday=False)


def _buyer(session: Session, order: Order) -> str:
    place, person = order.shipping_address or {}, mirror.customer(session, order.customer_id)
    first = (person.first_name if person else "") or place.get("first_name") or ""
    last = (person.last_name if person else "") or place.get("last_name") or ""
    language = "ja" if (order.locale or "").startswith("ja") else "en"
    return address_person(first, last, language, company=order.company).called or order.company
