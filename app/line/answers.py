"""What the account answers: the state of somebody's orders, a link to order again, whom to ask.

Read inside a unit of work, sent outside of it. Answers hold little about a person: no address, no
full order number (rules.md LN-6).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.consent import queries as reach
from app.core import links
from app.core.clock import now
from app.core.locale import choose_locale, current_locale, sentences, show_date, show_range
from app.core.locale import gettext as _
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.line.model import LineQuestion
from app.messages import queries as messages
from app.messages.cards import Button, Card, message, text
from app.messages.colors import palette
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.parcels import cases, due, expectations, pieces
from app.parcels import queries as parcels
from app.parcels.model import Parcel
from app.shops import service as shops

#: How many orders an answer tells of, and for how long a delivered one is still news.
MOST, NEWS = 3, timedelta(days=14)
TRACK, REORDER, REVIEW = timedelta(days=180), timedelta(days=365), timedelta(days=90)
PREFERENCES = timedelta(days=90)
STARS = {number: "★" * number for number in range(1, 6)}


def answer(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    """The messages that answer a question, in the language that is spoken."""
    known = {
        "status": _status,
        "reorder": _reorder,
        "help": _help,
        "link": _link_it,
        "stop": _stop,
        "welcome": _welcome,
        "linked": _linked,
        "stars": _stars,
    }
    return known[question.about](session, question)


def asks() -> tuple[Button, ...]:
    """What one may ask, as taps."""
    return (
        Button(_("Where is my order?"), data="ask:status"),
        Button(_("Order again"), data="ask:reorder"),
        Button(_("Contact the shop"), data="ask:help"),
    )


# --- where is it --------------------------------------------------------------------------------


def _status(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    orders = _orders(session, question)
    if orders is None:
        return _how_to_link(session, question)
    fresh = [order for order in orders if _is_news(session, order)][:MOST]
    if not fresh:
        return [text(_("You have no orders on the way at the moment."), quick=asks())]
    cards = [_order_card(session, order) for order in fresh]
    return [message(f"{cards[0].title} {cards[0].sender}", *cards)]


def _is_news(session: Session, order: Order) -> bool:
    if order.cancelled_at is not None:
        return now(session) - order.cancelled_at < NEWS
    sent = parcels.parcels_of(session, order.id)
    arrived = [parcel.delivered_at for parcel in sent]
    if arrived and all(arrived) and not cases.missed(session, sent):
        return now(session) - max(moment for moment in arrived if moment) < NEWS
    return now(session) - order.placed_at < timedelta(days=60)


def _order_card(session: Session, order: Order) -> Card:
    sent = parcels.parcels_of(session, order.id)
    lines = mirror.order_lines(session, order.id)
    rows = [(_("Order"), _hidden(order.name))]
    rows += _goods(session, lines, sent)
    url = _link(session, "t", "track", {"order": order.id}, TRACK)
    button = Button(_("View delivery status"), url=url)
    missed = cases.missed(session, sent)
    if missed and not order.cancelled_at:
        said = sentences(cases.told_on(min(missed.values())), cases.what_next())
        return _card(
            session, title=cases.headline(), text=said, rows=tuple(rows), buttons=(button,)
        )
    guessed = next((parcel for parcel in sent if parcel.inferred), None)
    whole = not order.cancelled_at and not _partly(order)
    if guessed and whole and all(parcel.delivered_at for parcel in sent):
        said = cases.unreported(session, guessed)
        return _card(
            session, title=_state(order, sent), text=said, rows=tuple(rows), buttons=(button,)
        )
    if not order.cancelled_at and not mirror.awaits_payment(order):
        there = bool(sent) and all(parcel.delivered_at for parcel in sent) and not _partly(order)
        rows.append((_("Delivered") if there else _("Expected"), _expected(session, order, sent)))
    return _card(
        session,
        title=_state(order, sent),
        text=_rest(session, order, lines, sent),
        rows=tuple(rows),
        buttons=(button,),
    )


def _goods(session: Session, lines: list[OrderLine], sent: list[Parcel]) -> list[tuple[str, str]]:
    """What is in which parcel; the order's products where nobody said what a parcel holds."""
    inside = [mirror.contents(session, parcel.fulfillment_id) for parcel in sent]
    held = [[row for row in lines if row.shopify_id in one] for one in inside]
    if not held or not all(held):
        return [(_("Items"), _items(lines))] if lines else []
    if len(held) == 1:
        return [(_("Items"), _items(held[0]))]
    return list(zip(_labels(sent), map(_items, held), strict=True))


def _labels(sent: list[Parcel]) -> list[str]:
    """How far each parcel has come; those that are equally far by their place among the order's
    parcels, too, as the mails count them."""
    said = [_said(parcel) for parcel in sent]
    return [
        _("%(state)s (parcel %(number)s)", state=state, number=number)
        if said.count(state) > 1
        else state
        for number, state in enumerate(said, 1)
    ]


def _rest(session: Session, order: Order, lines: list[OrderLine], sent: list[Parcel]) -> str:
    """That more is to come, where a part has left."""
    left = 0 if order.cancelled_at or not sent else pieces.unsent(session, lines, sent)
    return _("Still to be shipped: %(count)s", count=left) if left else ""


def _items(lines: list[OrderLine]) -> str:
    title, more = lines[0].title, len(lines) - 1
    return _("%(title)s and %(more)s more", title=title, more=more) if more else title


def _state(order: Order, sent: list[Parcel]) -> str:
    if order.cancelled_at:
        return _("Order cancelled")
    if mirror.awaits_payment(order):
        return _("Waiting for your payment")
    if not sent:
        return _("We are preparing your order")
    # The parcel that is furthest behind decides: nobody is told "delivered" while one is missing.
    order_of = ("exception", "attempted", "shipped", "in_transit", "pickup", "out_for_delivery",
                "returned", "delivered")  # fmt: skip
    if _partly(order) and all(parcel.delivered_at for parcel in sent):
        return _("Part of your order has arrived")
    worst = min(sent, key=lambda parcel: order_of.index(parcel.state))
    return _said(worst)


def _said(parcel: Parcel) -> str:
    """How far a parcel has come."""
    return {
        "exception": _("There is a delay with your delivery"),
        "attempted": _("Nobody was home when the carrier called"),
        "shipped": _("Shipped"),
        "in_transit": _("On its way"),
        "pickup": _("Ready for pickup"),
        "out_for_delivery": _("Out for delivery"),
        "returned": _("Sent back to the shop"),
        "delivered": _("Delivered (estimated)") if parcel.inferred else _("Delivered"),
    }[parcel.state]


def _partly(order: Order) -> bool:
    """Whether some of it is still with the shop while the rest has left."""
    return order.fulfillment_status == "partial"


def _expected(session: Session, order: Order, sent: list[Parcel]) -> str:
    waiting = [parcel for parcel in sent if parcel.delivered_at is None]
    if sent and not waiting and not _partly(order):
        zone = ZoneInfo(shops.shop(session).timezone)
        last = max(parcel.delivered_at for parcel in sent if parcel.delivered_at)
        return show_date(last.astimezone(zone).date(), current_locale())
    promised = [due.days(session, parcel) for parcel in waiting]
    days = [(first, last or first) for first, last in promised if first]
    if not days:
        days = [expectations.expected(session, order)]
    firsts, lasts = zip(*days, strict=True)
    if max(lasts) < now(session).astimezone(ZoneInfo(shops.shop(session).timezone)).date():
        # An old promise is no answer.
        return _(
            "We are sorry: the expected day has passed. If you have any questions, just ask us."
        )
    return show_range(min(firsts), max(lasts), current_locale())


# --- order again --------------------------------------------------------------------------------


def _reorder(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    orders = _orders(session, question)
    if orders is None:
        return _how_to_link(session, question)
    goods = next((order for order in orders if not order.cancelled_at and not order.test), None)
    if goods is None:
        return [text(_("You have no earlier order to repeat yet."), quick=asks())]
    lines = mirror.order_lines(session, goods.id)
    items = "\n".join(f"{line.title} × {line.quantity}" for line in lines[:5])
    url = _link(session, "r", "reorder", {"order": goods.id}, REORDER)
    button = Button(_("Review before ordering"), url=url)
    card = _card(
        session,
        title=_("The same as last time"),
        text=items,
        buttons=(button,),
        note=_("Nothing is ordered until you confirm on the next screen."),
    )
    return [message(card.title, card)]


# --- the rest -----------------------------------------------------------------------------------


def _help(session: Session, _question: LineQuestion) -> list[dict[str, Any]]:
    brand = shops.brand(shops.shop(session))
    ways = [brand.support_email, brand.support_phone, brand.support_hours]
    words = "\n".join(filter(None, [_("We are happy to help:"), *ways]))
    return [text(words if any(ways) else _("Just write here: someone at the shop reads it."))]


def _welcome(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    name = shops.brand(shops.shop(session)).name
    thanks = _("Thank you for adding %(shop)s. Here you can track your orders, order again and "
               "contact us.", shop=name)  # fmt: skip
    if question.customer_id is not None:
        return [text(thanks, quick=asks())]
    return [text(thanks), *_how_to_link(session, question)]


def _linked(_session: Session, _question: LineQuestion) -> list[dict[str, Any]]:
    words = _("Your orders are linked. You will get delivery updates here from now on.")
    return [text(words, quick=asks())]


def _link_it(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    if not _customers(session, question):
        return _how_to_link(session, question)
    return [text(_("Your orders are linked to this chat already."), quick=asks())]


def _stop(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    """Nothing is stopped by a word in a chat that may mean something else: the page asks."""
    customers = _customers(session, question)
    if not customers:
        return [text(_("Your orders are not linked to this chat. Nothing is sent to it."))]
    subject = {"customer": customers[0], "lang": current_locale()}
    url = _link(session, "preferences", "preferences", subject, PREFERENCES)
    card = _card(
        session,
        title=_("What comes to this chat"),
        text=_("Choose on the next page what you receive on LINE, or end the connection."),
        buttons=(Button(_("Choose or end it"), url=url),),
        note=_(
            "News of your orders then reaches you by e-mail. Blocking this account ends it, too."
        ),
    )
    return [message(card.title, card)]


def _how_to_link(_session: Session, _question: LineQuestion) -> list[dict[str, Any]]:
    words = _("To see your orders here, open your order’s page or an e-mail about it and tap "
              "“Receive it on LINE”.")  # fmt: skip
    return [text(words)]


def _stars(session: Session, question: LineQuestion) -> list[dict[str, Any]]:
    """A star tapped in the chat rates nothing: the page asks to confirm, whatever the number."""
    given = int(question.details["stars"])
    asked = messages.by_id(session, int(question.details["message_id"]))
    mine = reach.customers_at(session, "line", unseal(question.user_sealed))
    if asked.order_id is None or asked.customer_id not in mine:
        return _how_to_link(session, question)
    line = asked.subject_ids.get("line_id") or mirror.order_lines(session, asked.order_id)[0].id
    subject = {"order": asked.order_id, "line": line, "message": asked.id}
    url = f"{_link(session, 'reviews', 'review', subject, REVIEW)}?stars={given}"
    button = Button(_("Continue with this rating"), url=url)
    card = _card(
        session,
        title=STARS[given],
        text=_("Thank you. You can change the rating and add a few words on the next page."),
        buttons=(button,),
    )
    return [message(card.title, card)]


def dialog(url: str, session: Session) -> list[dict[str, Any]]:
    """The last tap of linking by a code."""
    card = _card(
        session,
        title=_("Link your orders"),
        text=_("Tap the button to get updates on your orders and deliveries here."),
        buttons=(Button(_("Link"), url=url),),
    )
    return [message(card.title, card)]


# --- shared -------------------------------------------------------------------------------------


def _card(session: Session, **given: Any) -> Card:
    brand = shops.brand(shops.shop(session))
    return Card(sender=brand.name, color=palette(brand.color).link, **given)


def _orders(session: Session, question: LineQuestion) -> list[Order] | None:
    """The person's orders, newest first; None when we do not know whose LINE this is."""
    customers = _customers(session, question)
    if not customers:
        return None
    found = [order for one in customers for order in mirror.orders_of(session, one)]
    return sorted(found, key=lambda order: order.placed_at, reverse=True)


def _customers(session: Session, question: LineQuestion) -> list[int]:
    """Whose LINE this is; nobody's, until an order was linked."""
    return list(reach.customers_at(session, "line", unseal(question.user_sealed)))


def _hidden(name: str) -> str:
    """The last four signs of an order's number."""
    return f"…{name[-4:]}" if len(name) > 5 else name


def _link(
    session: Session, path: str, purpose: str, subject: dict[str, Any], life: timedelta
) -> str:
    shop_id = session.info["shop_id"]
    token = links.sign(shop_id, purpose, subject, now(session) + life)
    return f"{runtime().settings.app_url.rstrip('/')}/{path}/{token}"


def language(session: Session, question: LineQuestion) -> str:
    """The person's language: of their last order, else the shop's."""
    orders = _orders(session, question)
    wish = orders[0].locale if orders else None
    return choose_locale(wish, shops.shop(session).locale)
