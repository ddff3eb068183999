"""What happened to an order's parcels, and to where they go, as sentences."""

from __future__ import annotations

from collections.abc import Callable

from app.admin.timeline.items import Item
from app.admin.timeline.story import Story
from app.core.locale import gettext as _
from app.journal.model import JournalEntry
from app.mirror import queries as mirror
from app.parcels.carriers import carrier_name
from app.parcels.words import second_look


def news(title: str) -> Callable[[Story, JournalEntry], Item]:
    """What is told of a parcel by the same words each time."""
    return lambda story, entry: Item("parcel", "done", _(title), details=_carrier(story, entry))


def delivered(story: Story, entry: JournalEntry) -> Item:
    """It is there, scanned or taken for granted."""
    if entry.data.get("inferred"):
        title = _("The parcel should have arrived (estimated; nobody scanned it)")
    else:
        title = _("The parcel was delivered")
    return Item("parcel", "done", title, details=_carrier(story, entry))


def trouble(title: str) -> Callable[[Story, JournalEntry], Item]:
    """The same of what went wrong."""
    return lambda story, entry: Item("parcel", "failed", _(title), details=_carrier(story, entry))


def shipped(story: Story, entry: JournalEntry) -> Item:
    """It left; and whether its number may be mistyped."""
    parcel = story.parcels.get(entry.data.get("parcel_id", 0))
    number = parcel and second_look(parcel.carrier, parcel.tracking_number, story.language)
    details = [*_carrier(story, entry), number or ""]
    return Item("parcel", "done", _("The parcel was shipped"), details=details)


def _carrier(story: Story, entry: JournalEntry) -> list[str]:
    parcel = story.parcels.get(entry.data.get("parcel_id", 0))
    if parcel is None:
        return []
    name = carrier_name(parcel.carrier, story.language)
    return [" ".join(part for part in (name, parcel.tracking_number) if part)] if name else []


#: Scans that are no news of their own but show that the parcel moves.
SCANS = {
    "carrier_picked_up": "The carrier took the parcel over",
    "picked_up": "The carrier took the parcel over",
    "in_transit": "The parcel is on its way",
    "ready_for_pickup": "The parcel can be picked up",
}


def scanned(story: Story, entry: JournalEntry) -> Item | None:
    """What the carrier scanned on the way, where that is news."""
    said = SCANS.get(entry.data.get("status", ""))
    if said is None:
        return None
    scan = mirror.scan(story.session, entry.data["event_id"])
    place = " ".join(part for part in (scan.province, scan.city) if part)
    return Item("parcel", "done", _(said), details=[place] if place else [])


# --- where it goes -------------------------------------------------------------------------------


def moved(_story: Story, entry: JournalEntry) -> Item | None:
    """Of a change of the name or telephone number alone nobody wants to read."""
    if not entry.data.get("moved", True):
        return None
    return Item("order", "done", _("The delivery address was changed at Shopify"))


def corrected(_story: Story, entry: JournalEntry) -> Item:
    """The buyer put the address right."""
    how = entry.data["how"]
    title = _("The customer took the proposed address") if how == "fix" else ""
    return Item("order", "done", title or _("The customer wrote another delivery address"))


def wished(_story: Story, _entry: JournalEntry) -> Item:
    """The buyer wishes what a person has to look at."""
    return Item(
        "order",
        "done",
        _("The customer wishes another delivery address; one of you looks at it"),
        link="/app/addresses",
        link_text=_("Addresses"),
    )
