"""A shop's own text for one reader: every block filled in, or gone where it has nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jinja2 import TemplateError
from markupsafe import Markup

from app.core.errors import GiveUp
from app.core.locale import gettext as _
from app.core.locale import show_date
from app.messages import layouts
from app.messages.context import Item, Mail
from app.messages.extras import Suggested
from app.messages.prose import one_line, say
from app.messages.texts import blocks as typed
from app.messages.texts.blocks import Block, Content
from app.messages.texts.marks import Piece, pieces


@dataclass(frozen=True)
class Offered:
    """A product of the shop that a text shows: as it is now, and where it is sold."""

    item: Item
    url: str


@dataclass(frozen=True)
class Given:
    """A reader's own code and the last day on which it is good."""

    code: str
    until: date


@dataclass(frozen=True)
class Step:
    """One step of a timeline, done or to come."""

    title: str
    text: str = ""
    done: bool = False


@dataclass(frozen=True)
class Shown:
    """One block as a frame writes it: `kind` is the macro, the rest what it needs."""

    kind: str
    index: int
    text: str = ""
    url: str = ""
    main: bool = False
    note: bool = False
    pieces: list[Piece] = field(default_factory=list)
    rows: list[Step] = field(default_factory=list)
    item: Item | None = None
    suggested: Sequence[Suggested] = ()
    detail: bool = True
    money: bool = True
    days: bool = True
    image: str = ""
    width: int = 520
    code: str = ""
    until: str = ""
    html: Markup | str = ""
    plain: str = ""


@dataclass(frozen=True)
class Written:
    """A shop's own words for one mail."""

    subject: str
    preheader: str
    blocks: list[Shown]
    foot: list[Piece]


@dataclass(frozen=True)
class World:
    """What a text is filled from."""

    mail: Mail
    products: Mapping[int, Offered] = field(default_factory=dict)
    #: The day at the shop, against which deadlines are held.
    today: date | None = None
    #: What fits this reader, by what for.
    suggested: Mapping[str, Sequence[Suggested]] = field(default_factory=dict)
    #: The code that is theirs alone.
    single: Given | None = None
    #: Nobody reads it: what the shop has no page for is shown as it would look.
    made_up: bool = False


def fill(content: Content, world: World) -> Written:
    """The text for one reader. Raises `GiveUp` naming the place that has a mistake."""
    values = world.mail.liquid
    shown = [_shown(number, block, world) for number, block in enumerate(content.blocks)]
    foot = content.blocks[-1]
    note = foot.text if isinstance(foot, typed.Footer) else ""
    return Written(
        subject=one_line(say("subject", content.subject, values)),
        preheader=one_line(say("preheader", content.preheader, values)),
        blocks=[block for block in shown if block is not None],
        foot=_pieces("footer", note, world),
    )


def _shown(number: int, block: Block, world: World) -> Shown | None:
    maker = MAKERS.get(block.type)
    made = maker(number, block, world) if maker else None
    if made is not None:
        return made
    instead = getattr(block, "fallback", "")
    return _text_of(number, instead, world) if instead else None


def _place(number: int, block: Block) -> str:
    return f"block {number + 1} ({block.type})"


def _line(number: int, block: Block, source: str, world: World) -> str:
    return one_line(say(_place(number, block), source, world.mail.liquid))


def _pieces(place: str, source: str, world: World) -> list[Piece]:
    said = say(place, source, world.mail.liquid, escaping=True)
    return pieces(said, world.mail.palette.link)


def _text_of(number: int, source: str, world: World, *, note: bool = False) -> Shown | None:
    found = _pieces(f"block {number + 1} (text)", source, world)
    return Shown("text", number, pieces=found, note=note) if found else None


def _heading(number: int, block: typed.Heading, world: World) -> Shown | None:
    said = _line(number, block, block.text, world)
    return Shown("heading", number, text=said, main=block.level == "main") if said else None


def _text(number: int, block: typed.Text, world: World) -> Shown | None:
    return _text_of(number, block.text, world, note=block.look == "note")


def _picture(number: int, block: typed.Picture, world: World) -> Shown | None:
    if not block.url.startswith("https://"):
        return None
    width = int(block.width) if block.width.isascii() and block.width.isdigit() else 520
    link = block.link if block.link.startswith("https://") else ""
    return Shown(
        "picture",
        number,
        text=_line(number, block, block.alt, world),
        image=block.url,
        url=link,
        width=min(max(width, 48), 520),
    )


def _product(number: int, block: typed.ProductBlock, world: World) -> Shown | None:
    if block.suggests:
        found = world.suggested.get(block.suggests, ())[: int(block.count)]
        heading = _line(number, block, block.text, world)
        return Shown("suggestions", number, text=heading, suggested=found) if found else None
    if block.source == "chosen":
        chosen = world.products.get(int(block.product)) if block.product.isdigit() else None
        if chosen is None:
            return None
        return Shown("product", number, item=chosen.item, url=chosen.url, detail=False)
    item = world.mail.item
    return Shown("product", number, item=item, detail=block.detail == "full") if item else None


def _button(number: int, block: typed.Button, world: World) -> Shown | None:
    url, label = _target(block, world), _line(number, block, block.label, world)
    return Shown("button", number, url=url, text=label) if url and label else None


def _target(block: typed.Button, world: World) -> str:
    """Where a button leads; empty when there is no such place for this reader."""
    mail = world.mail
    if block.target == "url":
        return block.url if block.url.startswith("https://") else ""
    about_product = block.target in ("review", "reorder")
    store = mail.brand.storefront_url
    # A page that the shop does not have is its store in a mail's links.
    pages = {name: mail.links.get(name, store) for name in ("booking", "course", "feedback")}
    targets = {
        "store": store,
        **{n: "" if url == store and not world.made_up else url for n, url in pages.items()},
        "reply": mail.mailto if mail.reply_to else "",
        # Without the carrier's page ours tells what to do.
        "carrier": (mail.shipment.url if mail.shipment else "") or mail.links["track"],
        **{name: mail.links.get(name, "") for name in ("track", "review", "reorder")},
    }
    return "" if about_product and mail.item is None else targets[block.target]


def _stars(number: int, _block: typed.Stars, world: World) -> Shown | None:
    return Shown("stars", number, url=world.mail.links["review"]) if world.mail.item else None


def _timeline(number: int, block: typed.Timeline, world: World) -> Shown | None:
    rows = order_steps(world.mail) if block.source == "order" else _own_rows(number, block, world)
    return Shown("timeline", number, rows=rows) if rows else None


def order_steps(mail: Mail) -> list[Step]:
    """What happens next with an order, from what is known of it."""
    if not mail.order_name:
        return []
    rows = [Step(_("Order received"), mail.order_date, done=True)]
    if mail.unpaid:
        rows.append(Step(_("Your payment"), _("We go on as soon as it has reached us.")))
    if not mail.ships:
        rows.append(Step(_("Ready for you"), _("Nothing is shipped for this order.")))
        if mail.follows("start-guide"):
            rows.append(Step(_("How to get started"), _("We send you a short guide.")))
        return rows
    rows.append(Step(_("Preparing your order"), _("We check and pack it with care.")))
    rows.append(Step(_("We ship it"), _("We write to you with the tracking number.")))
    days = _("Expected %(days)s (estimate)", days=mail.expected)
    when = _("The dates follow once your payment has reached us.") if mail.unpaid else days
    return [*rows, Step(_("It reaches you"), when)]


def _own_rows(number: int, block: typed.Timeline, world: World) -> list[Step]:
    said = say(_place(number, block), block.rows, world.mail.liquid)
    lines = [line.replace("｜", "|").partition("|") for line in said.splitlines() if line.strip()]
    return [Step(title.strip(), text.strip()) for title, _bar, text in lines]


def _reorder(number: int, block: typed.Reorder, world: World) -> Shown | None:
    item = world.mail.item
    if item is None:
        return None
    label = _line(number, block, block.label, world) or _("Order the same as last time")
    return Shown("reorder", number, item=item, url=world.mail.links["reorder"], text=label)


def _coupon(number: int, block: typed.Coupon, world: World) -> Shown | None:
    if block.source == "settings":
        shown = Shown("thanks", number, pieces=_pieces(_place(number, block), block.text, world))
        return shown if world.mail.coupon else None
    code, last = _code(number, block, world)
    over = last is not None and world.today is not None and world.today > last
    if not code or over:
        return None
    return Shown(
        "coupon",
        number,
        pieces=_pieces(_place(number, block), block.text, world),
        code=code,
        until=show_date(last, world.mail.locale) if last else "",
    )


def _code(number: int, block: typed.Coupon, world: World) -> tuple[str, date | None]:
    """What is typed at the till, and until when; an empty code where there is none to give."""
    if block.source == "single":
        return (world.single.code, world.single.until) if world.single else ("", None)
    return _line(number, block, block.code, world), block.last_day


def _order(number: int, block: typed.Order, world: World) -> Shown | None:
    return Shown("order", number, money=block.money == "yes") if world.mail.items else None


def _parcel(number: int, block: typed.Parcel, world: World) -> Shown | None:
    return Shown("parcel", number, days=block.days == "yes") if world.mail.shipment else None


def _guide(number: int, _block: typed.Guide, world: World) -> Shown | None:
    return Shown("guide", number) if world.mail.guide else None


def _shipped(number: int, block: typed.Shipped, world: World) -> Shown | None:
    mail = world.mail
    try:
        html, plain = layouts.part(mail.kind, block.part, mail.locale)
        said = html.render(mail=mail, p=mail.palette)
        text = plain.render(mail=mail)
    except TemplateError as error:
        raise GiveUp(f"{_place(number, block)}: {error.message}") from error
    # Our own template escaped what it filled in.
    return Shown("shipped", number, html=Markup(said), plain=text)  # noqa: S704


def _always(kind: str) -> Callable[[int, Block, World], Shown | None]:
    return lambda number, _block, _world: Shown(kind, number)


MAKERS: dict[str, Callable[[int, Any, World], Shown | None]] = {
    "heading": _heading,
    "text": _text,
    "picture": _picture,
    "product": _product,
    "button": _button,
    "stars": _stars,
    "timeline": _timeline,
    "reorder": _reorder,
    "coupon": _coupon,
    "order": _order,
    "parcel": _parcel,
    "guide": _guide,
    "shipped": _shipped,
    **{kind: _always(kind) for kind in ("support", "line", "divider")},
}
