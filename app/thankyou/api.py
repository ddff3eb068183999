"""What the thank-you extension asks and what we answer; checked on the way in."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=500)]
Gid = Annotated[str, msgspec.Meta(pattern=r"^(gid://shopify/\w+/)?\d{1,18}$")]


class LineAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the checkout as the extension sees it."""

    variant_id: Gid
    product_id: Gid
    quantity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1
    requires_shipping: bool = True


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One page that a shopper looks at. The checkout token is what joins it to an order; the
    order's id is a hint, for an order may not exist yet when the thank-you page does. The order
    status page of an order that had no checkout names the id alone."""

    surface: Literal["thank_you", "order_status"] = "thank_you"
    checkout_token: Annotated[str, msgspec.Meta(pattern=r"^[\w.:=-]{1,64}$")] | None = None
    order_gid: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    locale: Annotated[str, msgspec.Meta(max_length=16)] = ""
    country: Annotated[str, msgspec.Meta(max_length=2)] | None = None
    timezone: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    lines: Annotated[list[LineAsked], msgspec.Meta(max_length=500)] = []


class Told(Asked, frozen=True, kw_only=True):
    """What a person answered to one of the page's modules."""

    module: Annotated[str, msgspec.Meta(max_length=32)]
    values: Annotated[dict[str, Text], msgspec.Meta(max_length=20)] = {}


class StepShown(msgspec.Struct, frozen=True, kw_only=True):
    """One step of what happens next."""

    key: str
    title: str
    text: str
    date_text: str | None
    done: bool


class SupportShown(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask."""

    text: str
    email: str | None
    phone: str | None
    hours: str | None


class OfferOnPage(msgspec.Struct, frozen=True, kw_only=True):
    """The offer: the first one, or (`step` 2) the one after it was declined. `why_text` says why
    just this, or nothing. `was_text` and `percent_text` are empty, and `percent` 0, where no
    earlier price may be named (rules.md TM-8). `deadline_text` is a clock time, or None where no
    deadline is shown."""

    step: int
    heading: str
    title: str
    why_text: str
    image_url: str | None
    price_text: str
    was_text: str
    percent: int
    percent_text: str
    deadline_text: str | None
    deadline_iso: str
    seconds_left: int
    accept_url: str
    accept_text: str
    decline_text: str
    declined_text: str
    note: str


class LineAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's LINE account."""

    title: str
    note: str
    url: str
    link_text: str
    qr_text: str


class OptionShown(msgspec.Struct, frozen=True):
    """One of the answers to choose from."""

    value: str
    label: str


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """One input. `kind` is choice, text, date or check; a date lies between two others."""

    name: str
    kind: str
    label: str
    value: str = ""
    options: list[OptionShown] = []
    needed: bool = False
    earliest: str = ""
    latest: str = ""


class FactShown(msgspec.Struct, frozen=True):
    """Something to read in lines of its own, as an address is written."""

    label: str
    lines: list[str]


class ModuleShown(msgspec.Struct, frozen=True, kw_only=True):
    """Something the shop asks or offers to put right. With `done` set, that is said instead of
    the form."""

    key: str
    heading: str
    text: str = ""
    facts: list[FactShown] = []
    fields: list[FieldShown] = []
    submit_text: str = ""
    done: str | None = None
    failed_text: str = ""
    note: str = ""


class WayShown(msgspec.Struct, frozen=True):
    """A link to go on by."""

    text: str
    url: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole block, in one language. `order` is that of what stands below the timeline: `offer`,
    `line` and the keys of modules; what is not there is passed over. `ways` is empty until
    everything is there."""

    title: str
    steps: list[StepShown]
    support: SupportShown
    offer: OfferOnPage | None
    offer_over: str | None
    line: LineAccount | None
    modules: list[ModuleShown]
    order: list[str]
    tracking_url: str | None
    tracking_text: str
    ways: list[WayShown]
    order_known: bool
    ask_again_in: int | None
