"""The editor's words: what blocks, fields, choices and names are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import has_app_context

from app.core.locale import gettext as _
from app.core.runtime import runtime
from app.messages.texts.blocks import Content


@dataclass(frozen=True)
class Field:
    """One field of a block's form. `widget`: area, line, choice, product, date; `liquid` ones may
    use names, `marked` ones marks, too. One that is `only` for some choices of the block (a word or
    several) is out of sight while another is made."""

    name: str
    label: str
    widget: str = "line"
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    liquid: bool = False
    marked: bool = False
    only: str = ""


#: The choices of a product block that suggest.
SUGGESTS = "complement next related upgrade alternative"


def block_name(kind: str) -> str:
    """What a block is called."""
    return {
        "heading": _("Heading"),
        "text": _("Text"),
        "picture": _("Picture"),
        "product": _("Product"),
        "button": _("Button"),
        "stars": _("Stars"),
        "timeline": _("What happens next"),
        "reorder": _("Order again"),
        "coupon": _("Coupon"),
        "order": _("The order"),
        "parcel": _("The parcel"),
        "guide": _("Start guide"),
        "support": _("Contact"),
        "line": _("LINE account"),
        "shipped": _("Okaeri's own part"),
        "divider": _("Dividing line"),
        "footer": _("Footer"),
    }.get(kind, kind)


def block_help(kind: str) -> str:
    """What a block shows, where its fields do not say it."""
    return {
        "stars": _(
            "Five stars, each a link to the review page. The lowest is as easy as the highest."
        ),
        "support": _("Your support address, telephone and hours from Settings."),
        "line": _("A quiet line with your LINE account, where Settings names one."),
        "guide": _("The start guide of the product."),
        "shipped": _("A part that Okaeri works out for each order. It can be moved or taken out."),
        "footer": _("Sender, address, complaints and the way out: always there, always last."),
        "reorder": _("The product with a button to the page that orders the same again."),
    }.get(kind, "")


def place_name(content: Content, block: int | None, field: str) -> str:
    """Where something stands in a message, by number and name: `3. Coupon – Which code`, `Subject`.
    Empty for the message as a whole."""
    if block is None:
        return {"subject": _("Subject"), "preheader": _("Preview text")}.get(field, "")
    kind = content.blocks[block].type
    said = [f"{block + 1}. {block_name(kind)}"]
    said += [each.label for each in fields(kind) if each.name == field]
    return " – ".join(said)


def fields(kind: str) -> list[Field]:
    """The fields of a block's form."""
    made = FORMS.get(kind)
    return made() if made else []


def _fallback() -> Field:
    return Field(
        "fallback",
        _("When there is nothing to show"),
        "area",
        _("What stands here instead. Empty: the block disappears."),
        liquid=True,
        marked=True,
    )


def _heading() -> list[Field]:
    levels = (("main", _("Headline (one a message)")), ("sub", _("Sub-heading")))
    return [
        Field("text", _("Words"), liquid=True),
        Field("level", _("Size"), "choice", options=levels),
    ]


def _text() -> list[Field]:
    looks = (("plain", _("Normal text")), ("note", _("Small print")))
    return [
        Field(
            "text",
            _("Words"),
            "area",
            _("An empty line begins a paragraph; lines that begin with “- ” make a list."),
            liquid=True,
            marked=True,
        ),
        Field("look", _("Look"), "choice", options=looks),
    ]


def _picture() -> list[Field]:
    return [
        Field(
            "url",
            _("Address of the picture (https://…)"),
            help=_("For example from Content → Files in Shopify."),
        ),
        Field(
            "alt",
            _("What it shows"),
            help=_("Read out, and shown while pictures are off."),
            liquid=True,
        ),
        Field("link", _("Leads to (optional)")),
        Field("width", _("Width in px (48–520)")),
    ]


def _product() -> list[Field]:
    sources = (
        ("bought", _("The product they bought")),
        ("chosen", _("A product of yours (a suggestion)")),
        ("complement", _("What is bought together with it (suggestions)")),
        ("next", _("What people buy next (suggestions)")),
        ("related", _("What goes with it in any way (suggestions)")),
        ("upgrade", _("A step up (suggestions)")),
        ("alternative", _("Something else instead (suggestions)")),
    )
    counts = tuple((number, number) for number in ("3", "2", "1"))
    details = (("full", _("With variant and quantity")), ("name", _("Name only")))
    return [
        Field("source", _("Which"), "choice", options=sources),
        Field("text", _("Words above them"), liquid=True, only=SUGGESTS),
        Field(
            "count",
            _("How many at most"),
            "choice",
            _("Each with its price and the reason; what they have already is left out."),
            options=counts,
            only=SUGGESTS,
        ),
        Field("product", _("Your product"), "product", only="chosen"),
        Field("detail", _("Details"), "choice", options=details, only="bought"),
        _fallback(),
    ]


def _button() -> list[Field]:
    targets = [
        ("track", _("Their order and delivery")),
        ("review", _("Their review page")),
        ("reorder", _("The same order again")),
        ("store", _("Your store")),
        ("reply", _("A reply to you")),
        ("carrier", _("The carrier's page")),
        ("booking", _("Your booking page")),
        ("course", _("Your course's page")),
        *_survey(),
        ("url", _("An address of your own")),
    ]
    return [
        Field("label", _("Label"), help=_("Say what happens, not “next”."), liquid=True),
        Field("target", _("Leads to"), "choice", options=tuple(targets)),
        Field("url", _("Your own address (https://…)"), only="url"),
        _fallback(),
    ]


def _survey() -> list[tuple[str, str]]:
    """A page to answer on, where an app runs and a room of it gives one (`MAIL_PARTS`): nothing
    leads there until then, and publishing a button without a page is refused."""
    given = has_app_context() and "feedback" in runtime().table("MAIL_PARTS")
    return [("feedback", _("Their survey"))] if given else []


def _timeline() -> list[Field]:
    sources = (("order", _("The steps of the order")), ("own", _("Your own steps")))
    return [
        Field("source", _("Which"), "choice", options=sources),
        Field(
            "rows", _("Your own steps"), "area", _("One a line: Title | explanation"), liquid=True
        ),
        _fallback(),
    ]


def _reorder() -> list[Field]:
    return [Field("label", _("Label"), liquid=True), _fallback()]


def _coupon() -> list[Field]:
    sources = (
        ("code", _("A code of yours, the same for everybody")),
        ("settings", _("The thank-you code from Settings")),
        ("single", _("A code of their own that works once")),
    )
    gives = (
        ("percent", _("A percentage off")),
        ("amount", _("An amount off")),
        ("price", _("A fixed price")),
        ("shipping", _("Free shipping")),
    )
    made = _("Okaeri has Shopify make these codes and takes each back after its last day.")
    return [
        Field("source", _("Which code"), "choice", options=sources),
        Field("text", _("What it is for"), "area", liquid=True, marked=True),
        Field("code", _("Code"), liquid=True, only="code"),
        Field("gives", _("What it gives (for the check)"), "choice", options=gives, only="code"),
        Field("percent", _("Per cent off"), only="percent single"),
        Field("amount", _("Amount or price, in your currency"), only="amount price"),
        Field("product", _("Only for this product"), "product", only="code single"),
        Field("days", _("Good for so many days"), help=made, only="single"),
        Field(
            "until",
            _("Last day"),
            "date",
            _("After it the coupon is not shown any more."),
            only="code",
        ),
        _fallback(),
    ]


def _order() -> list[Field]:
    options = (("yes", _("With prices")), ("no", _("Without prices")))
    return [Field("money", _("Sums"), "choice", options=options)]


def _parcel() -> list[Field]:
    options = (("yes", _("With the expected days")), ("no", _("Without days")))
    return [Field("days", _("Days"), "choice", options=options), _fallback()]


def _footer() -> list[Field]:
    return [Field("text", _("Words above it (optional)"), "area", liquid=True, marked=True)]


FORMS: dict[str, Callable[[], list[Field]]] = {
    "heading": _heading,
    "text": _text,
    "picture": _picture,
    "product": _product,
    "button": _button,
    "stars": lambda: [_fallback()],
    "timeline": _timeline,
    "reorder": _reorder,
    "coupon": _coupon,
    "order": _order,
    "parcel": _parcel,
    "guide": lambda: [_fallback()],
    "footer": _footer,
}


def class_of_text(message_class: str, found: str) -> str:
    """How the law sees a text, beside what its kind is."""
    if message_class == "marketing":
        return _("Marketing: only to people who agreed, with the way out in it.")
    return {
        "transactional": _("About the order: goes to every buyer."),
        "incidental": _("About the order, with one small suggestion: goes to every buyer."),
        "marketing": _("This reads as advertising; a message that goes to every buyer may not."),
    }[found]


def variable_name(path: str) -> str:
    """What a name stands for; empty for one that speaks for itself."""
    return {
        "shop.name": _("Your shop"),
        "shop.url": _("Your store's address"),
        "shop.support_email": _("Support e-mail"),
        "shop.support_phone": _("Support telephone"),
        "shop.support_hours": _("Support hours"),
        "shop.contact": _("Who looks after the customer"),
        "customer.name": _("The customer, as one addresses them"),
        "customer.greeting": _("The greeting"),
        "customer.since": _("Day of the first order"),
        "customer.years": _("Full years since the first order"),
        "order.name": _("Order number"),
        "order.date": _("Day of the order"),
        "order.total": _("Total"),
        "order.unpaid": _("Whether payment is awaited"),
        "order.at_door": _("What is paid on delivery"),
        "delivery.expected": _("Expected days"),
        "delivery.ships": _("Whether anything is shipped"),
        "delivery.carrier": _("Carrier"),
        "delivery.number": _("Tracking number"),
        "delivery.contents": _("What is in the parcel"),
        "delivery.part": _("Whether it is a part of the order alone"),
        "delivery.rest": _("How the rest of the order comes"),
        "delivery.today": _("Whether it is out for delivery today"),
        "delivery.silent": _("Whether the carrier has fallen silent"),
        "product.title": _("The product"),
        "product.short": _("The product, shortened"),
        "product.variant": _("Its variant"),
        "product.months": _("Months they have had it"),
        "subscription.since": _("Day on which the subscription began"),
        "subscription.years": _("Full years of the subscription"),
        "guide.title": _("Title of the guide"),
        "coming.guide": _("Whether a start guide is to come"),
        "coming.lessons": _("Whether the later lessons are to come"),
        "replenishment.run_out": _("When it should run out"),
    }.get(path, "")
