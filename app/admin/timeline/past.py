"""What happened to an order, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.admin.timeline import way
from app.admin.timeline.items import Item, moment_text
from app.admin.timeline.messages import of_message
from app.admin.timeline.story import Story
from app.core.locale import gettext as _
from app.core.locale import ngettext
from app.core.money import Money, show_money
from app.journal.model import JournalEntry
from app.journeys import queries as journeys
from app.journeys.model import JourneyRun
from app.messages.queries import MessageStory
from app.mirror import queries as mirror
from app.shops.staff import staff_name
from app.surveys import queries as surveys
from app.thankyou.model import OfferGrant


def happened(story: Story) -> Iterator[Item]:
    """Everything up to now."""
    for entry in story.entries:
        tell = TELLERS.get(entry.kind)
        item = tell(story, entry) if tell else None
        if item is not None:
            yield replace(item, at=entry.occurred_at, facts={**item.facts, "kind": entry.kind})
    for message in story.messages:
        if not is_coming(message):
            yield of_message(story, message)
    yield from _offers(story)
    yield from _origins(story)
    yield from _ends(story)


def is_coming(story: MessageStory) -> bool:
    """Whether a message has not been dealt with yet."""
    return story.message.state in ("scheduled", "composing", "claimed", "sending")


# --- the order ----------------------------------------------------------------------------------


def _placed(story: Story, entry: JournalEntry) -> Item:
    order = story.order
    total = show_money(Money(order.total_minor, order.currency), story.language)
    count = sum(line.quantity for line in story.lines)
    details = [ngettext("%(num)s item, %(total)s", "%(num)s items, %(total)s", count, total=total)]
    if entry.data.get("first"):
        details.append(_("The customer's first order"))
    if order.paid_on_delivery:
        details.append(_("Paid on delivery"))
    elif story.unpaid:
        details.append(_("Not paid yet"))
    return Item("order", "done", _("The order came in"), details=details)


def _paid(story: Story, _entry: JournalEntry) -> Item:
    details = [_("Paid on delivery")] if story.order.paid_on_delivery else []
    return Item("order", "done", _("The order was paid"), details=details)


def _cancelled(_story: Story, _entry: JournalEntry) -> Item:
    return Item(
        "order", "failed", _("The order was cancelled"), details=[_("Nothing more is sent.")]
    )


def _refunded(_story: Story, entry: JournalEntry) -> Item:
    if entry.data.get("full"):
        return Item(
            "order", "failed", _("The order was refunded"), details=[_("Nothing more is sent.")]
        )
    return Item("order", "done", _("A part of the order was refunded"))


def _return(story: Story, entry: JournalEntry) -> Item | None:
    status, before = entry.data["status"], entry.data["before"]
    if status == before:
        return None
    title = {
        "requested": _("The customer asked to return something"),
        "open": _("A return was agreed"),
        "declined": _("The return was declined"),
        "canceled": _("The return was called off"),
        "closed": _("The return was settled"),
    }[status]
    if before == "closed":
        title = _("The return was taken up again")
    goods = [
        f"{line.title} × {count}"
        for line, count in mirror.return_lines(story.session, entry.data["return_id"])
    ]
    waits = [_("What sells waits until it is settled.")] if status in ("requested", "open") else []
    return Item("order", "done", title, details=[*goods, *waits], facts={"return-status": status})


# --- what the customer did ----------------------------------------------------------------------


def _reviewed(story: Story, entry: JournalEntry) -> Item:
    review = next((one for one in story.reviews if one.id == entry.data["review_id"]), None)
    stars = int(entry.data["stars"])
    said = [review.body] if review and review.body else []
    return Item(
        "review",
        "done",
        _("Review: %(stars)s", stars="★" * stars + "☆" * (5 - stars)),
        details=[story.line_title(entry.data["line_id"]), *said],
        facts={"stars": str(stars)},
    )


def _answered(story: Story, entry: JournalEntry) -> Item | None:
    """What was answered anew since then is told where it was."""
    said = surveys.answers_at(story.session, story.order.id, entry.occurred_at, story.language)
    return (
        Item("review", "done", _("The customer answered a question"), details=said)
        if said
        else None
    )


def _reorder_confirmed(_story: Story, _entry: JournalEntry) -> Item:
    return Item("reorder", "done", _("The customer confirmed a reorder and went to the checkout"))


def _reordered(story: Story, entry: JournalEntry) -> Item:
    order = mirror.order(story.session, entry.data["new_order_id"])
    total = show_money(Money(order.total_minor, order.currency), story.language)
    return Item(
        "reorder",
        "done",
        _("The customer ordered again: %(name)s, %(total)s", name=order.name, total=total),
        link=f"/app/orders/{order.id}",
        link_text=_("Open %(name)s", name=order.name),
    )


def _consent(_story: Story, entry: JournalEntry) -> Item:
    granted, by_sms = entry.data.get("granted"), entry.data.get("channel") == "sms"
    if by_sms and granted:
        title = _("The customer agreed to marketing by SMS")
    elif by_sms:
        title = _("The customer no longer agrees to marketing by SMS")
    elif granted:
        title = _("The customer agreed to marketing e-mail")
    else:
        title = _("The customer no longer agrees to marketing e-mail")
    return Item("consent", "done", title)


def _unsubscribed(story: Story, entry: JournalEntry) -> Item | None:
    stops = (one for one in story.entries if one.kind == "PersonStopped")
    if any(one.occurred_at == entry.occurred_at for one in stops):
        # What a member of staff did by one press is told once.
        return None
    return Item("consent", "done", _("The customer unsubscribed"))


def _suppressed(_story: Story, _entry: JournalEntry) -> Item:
    return Item("consent", "failed", _("Mail to this address was stopped"))


def _reinstated(story: Story, entry: JournalEntry) -> Item:
    title = _("Mail to this address was allowed again")
    return Item("consent", "done", title, details=[_staff(story, entry)])


def _mute(story: Story, entry: JournalEntry) -> Item:
    journey = entry.data["journey"]
    name = _("all journeys") if journey == "*" else journeys.name_of(story.session, journey)
    if entry.data["muted"]:
        title = _("Left in peace by hand: %(journey)s", journey=name)
    else:
        title = _("May be written to again: %(journey)s", journey=name)
    return Item("journey", "done", title, details=[_staff(story, entry)])


def _stopped(story: Story, entry: JournalEntry) -> Item:
    count = entry.data["count"]
    details = [
        _("Consent to marketing ended on every channel."),
        ngettext("%(num)s message was called off.", "%(num)s messages were called off.", count),
        _("by %(who)s", who=staff_name(story.session, entry.data["who"])),
    ]
    return Item("consent", "done", _("Everything was stopped for this person"), details=details)


def _resent(story: Story, entry: JournalEntry) -> Item:
    return Item(
        "message",
        "done",
        _("A message was sent again by hand"),
        details=[_staff(story, entry)],
        link=f"/app/messages/{entry.data['message_id']}",
        link_text=_("Show the message"),
    )


def _staff(story: Story, entry: JournalEntry) -> str:
    return _("by %(who)s", who=staff_name(story.session, entry.data["staff"]))


def _settled(story: Story, entry: JournalEntry) -> Item:
    details = [_staff(story, entry)] if entry.data.get("staff") else []
    return Item("parcel", "done", _("The missing parcel was settled"), details=details)


TELLERS: dict[str, Callable[[Story, JournalEntry], Item | None]] = {
    "OrderPlaced": _placed,
    "OrderPaid": _paid,
    "OrderCancelled": _cancelled,
    "OrderRefunded": _refunded,
    "AddressChanged": way.moved,
    "AddressCorrected": way.corrected,
    "AddressLeftToPerson": way.wished,
    "ReturnMoved": _return,
    "ParcelShipped": way.shipped,
    "ParcelOutForDelivery": way.news("The parcel is out for delivery"),
    "ParcelAttempted": way.trouble("Delivery was attempted; nobody was in"),
    "ParcelDelayed": way.trouble("The parcel is late"),
    "ParcelMovedOn": way.news("The late parcel is on its way again"),
    "ParcelDelivered": way.delivered,
    "ParcelMissed": way.trouble("The customer says that the parcel is not there"),
    "ParcelCaseClosed": _settled,
    "FulfillmentScanned": way.scanned,
    "ReviewSubmitted": _reviewed,
    "SurveyAnswered": _answered,
    "ReorderConfirmed": _reorder_confirmed,
    "ReorderCompleted": _reordered,
    "MarketingConsentChanged": _consent,
    "Unsubscribed": _unsubscribed,
    "Suppressed": _suppressed,
    "Reinstated": _reinstated,
    "MuteChanged": _mute,
    "PersonStopped": _stopped,
    "MessageResent": _resent,
}


# --- what rows tell better than the journal -------------------------------------------------------


def _offers(story: Story) -> Iterator[Item]:
    if story.visit is not None:
        yield Item(
            "offer",
            "done",
            _("The customer saw the thank-you page"),
            at=story.visit.first_seen_at,
            facts={"kind": "ThankYouVisit"},
        )
    for offer in story.offers:
        yield from _offer(story, offer)
    for fared in story.fared:
        if fared.outcome != "shown":
            yield Item(
                "offer",
                "skipped",
                fared.text,
                at=fared.at,
                details=[_("Offer: %(name)s", name=fared.offer_name)] if fared.offer_name else [],
                facts={"kind": "OfferDecision", "outcome": fared.outcome},
            )


def _offer(story: Story, offer: OfferGrant) -> Iterator[Item]:
    deadline = offer.deadline or story.now
    until = moment_text(deadline, story.shop.timezone, story.language, story.now.date())
    yield Item(
        "offer",
        "done",
        _("An offer was shown: %(title)s", title=offer.terms.get("title", "")),
        at=offer.shown_at,
        details=[_("Valid until %(moment)s", moment=until)],
        facts={"kind": "OfferShown"},
    )
    if offer.accepted_order_id is not None:
        yield _taken(story, offer.accepted_order_id)
    elif offer.declined_at is not None:
        yield Item(
            "offer",
            "done",
            _("The customer declined the offer"),
            at=offer.declined_at,
            facts={"kind": "OfferDeclined"},
        )
    elif deadline <= story.now:
        yield Item(
            "offer",
            "done",
            _("The offer ended without being taken"),
            at=deadline,
            facts={"kind": "OfferEnded"},
        )


def _taken(story: Story, order_id: int) -> Item:
    order = mirror.order(story.session, order_id)
    return Item(
        "offer",
        "done",
        _("The customer took the offer: %(name)s", name=order.name),
        at=order.placed_at,
        link=f"/app/orders/{order.id}",
        link_text=_("Open %(name)s", name=order.name),
        facts={"kind": "OfferAccepted"},
    )


def _origins(story: Story) -> Iterator[Item]:
    """What brought this order."""
    for reorder in story.reorders:
        if reorder.new_order_id == story.order.id:
            yield _origin(story, reorder.order_id, _("Came through the reorder link of %(name)s"))
    if story.brought_by is not None:
        source = mirror.order_by_checkout_token(story.session, story.brought_by.checkout_token)
        if source is not None:
            yield _origin(story, source.id, _("Came through the offer after %(name)s"))


def _origin(story: Story, order_id: int, sentence: str) -> Item:
    order = mirror.order(story.session, order_id)
    return Item(
        "reorder",
        "done",
        sentence % {"name": order.name},
        at=story.order.placed_at,
        link=f"/app/orders/{order.id}",
        link_text=_("Open %(name)s", name=order.name),
        facts={"kind": "Origin"},
    )


def _end_title(story: Story, run: JourneyRun) -> str:
    name = journeys.name_of(story.session, run.journey)
    if run.ended_at == run.entered_at:
        return _("“%(journey)s” sends nothing", journey=name)
    return _("“%(journey)s” ended", journey=name)


def _ends(story: Story) -> Iterator[Item]:
    """Journeys that ended for a reason worth telling: not those that simply sent everything."""
    for run in story.runs:
        if run.ended_at is None or run.end_reason in (None, "completed"):
            continue
        good = run.state == "done"
        yield Item(
            "journey",
            "done" if good else "skipped",
            _end_title(story, run),
            at=run.ended_at,
            details=[journeys.end_text(story.session, run.end_reason or "")],
            facts={"kind": "RunEnded", "journey": run.journey, "reason": run.end_reason or ""},
        )
