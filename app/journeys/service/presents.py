"""Presents that were won: each is prepared, and each reaches who won it. The draw is public, so a
message that could not be sent is not the end of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import LANGUAGES, use_locale
from app.journeys.conditions import SENT
from app.journeys.facts import switched_on_at
from app.journeys.model import JourneyRun, JourneyTask
from app.journeys.queries import LIVE
from app.journeys.service.tasks import ask
from app.messages import queries as messages
from app.messages import reasons
from app.messages import service as sayings
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.surprises import queries as surprises
from app.surprises.events import PresentReady, SurpriseWon
from app.surprises.model import SurpriseWin

#: The journey that tells of presents, and the kind of its message.
SURPRISE = "surprise"
#: What was in the way may be gone a few days later: so often it is tried, and so far apart.
PASSING = frozenset({reasons.NO_PLACE, reasons.TOO_LATE, reasons.KIND_STOPPED, reasons.NO_GIFT})
TRIES, APART = 4, timedelta(days=3)
#: What has not arrived by then is told of by a person, while its code is still good.
LONGEST_WAY = timedelta(days=40)
#: Somebody else says it, or somebody of the shop decided that this person gets nothing.
SETTLED = frozenset({reasons.SENT_ELSEWHERE, reasons.STOPPED})


def on_surprise_won(session: Session, event: SurpriseWon) -> None:
    """An upgrade that is told by a message is made by people."""
    if event.what != "upgrade" or event.handover != "mail":
        return
    order, gift = (
        mirror.order(session, event.order_id or 0),
        surprises.words_of(session, event.win_id),
    )
    ask(
        session,
        source="surprise",
        title={
            "ja": f"{order.name} 贈りもののご用意：{gift['ja']}",
            "en": f"{order.name} won: {gift['en']}",
        },
        text={
            "ja": "お客様には、商品のお届けから7日後にメールでお知らせします。それまでに、"
            "次回のご注文で贈りものをお渡しできるようにご用意ください。",
            "en": "The customer is told by e-mail seven days after the delivery. Until then, see "
            "to it that they get it with their next order.",
        },
        order_id=order.id,
        customer_id=event.customer_id,
    )


def on_present_ready(session: Session, event: PresentReady) -> None:
    """Its code has been made: where the message had to be left unsaid without it, it is said."""
    order = mirror.order(session, event.order_id or 0)
    if _said(session, order):
        _look(session, order, event.win_id)


def look_after_presents(session: Session) -> None:
    """See to it that everybody who won something lately and is to be told by a message is told: by
    the message once more when what was in its way has passed, and else by a person."""
    for order, win in surprises.to_be_told(session):
        if now(session) - win.won_at > APART:
            _look(session, order, win.id)


def _look(session: Session, order: Order, win_id: int) -> None:
    win, said = surprises.win(session, win_id), _said(session, order)
    gone = order.cancelled_at or order.refunded_at or order.redacted_at
    settled = said and (said[-1].state in (*SENT, *LIVE) or said[-1].reason in SETTLED)
    if win.customer_id is None or gone or settled or (not said and _comes(session, order, win)):
        return
    last = said[-1] if said else None
    if last is None or last.reason not in PASSING or len(said) >= TRIES:
        _hand_to_person(session, order, win, last.reason if last else None)
    elif surprises.gift(session, win.customer_id) and _rested(session, last):
        sayings.say_again(session, last)


def _said(session: Session, order: Order) -> list[Message]:
    return [one for one in messages.of_order(session, order.id) if one.kind == SURPRISE]


def _comes(session: Session, order: Order, win: SurpriseWin) -> bool:
    """Whether the journey has yet to come to it, or will be entered when the order arrives."""
    entered = session.scalars(
        select(JourneyRun.state).where(
            JourneyRun.order_id == order.id, JourneyRun.journey == SURPRISE
        )
    ).all()
    if entered:
        return any(state in LIVE for state in entered)
    since = switched_on_at(session, SURPRISE)
    on_time = since is not None and order.placed_at >= since.replace(microsecond=0)
    return on_time and now(session) - win.won_at < LONGEST_WAY


def _rested(session: Session, last: Message) -> bool:
    """A code that was missing is there now; for a free day one waits a while."""
    return last.reason == reasons.NO_GIFT or now(session) - last.created_at >= APART


def _hand_to_person(session: Session, order: Order, win: SurpriseWin, reason: str | None) -> None:
    """Once a win."""
    about = f"win-{win.id}"
    given = exists().where(JourneyTask.journey == SURPRISE, JourneyTask.step == about)
    if session.scalar(select(given)):
        return
    present, why = surprises.words_of(session, win.id), {}
    for language in LANGUAGES:
        with use_locale(language):
            present[language] = surprises.gift(session, win.customer_id) or present[language]
            why[language] = reasons.reason_text(reason)
    ask(
        session,
        source=SURPRISE,
        about=about,
        title={
            "ja": f"{order.name} 当選のお知らせ：{present['ja']}",
            "en": f"{order.name} tell the winner: {present['en']}",
        },
        text={
            "ja": "抽選で贈りものが当たったお客様に、メッセージではお伝えできませんでした。"
            f"{why['ja']}次回のお荷物に一筆添えるなどして、お伝えください。",
            "en": f"The present could not be told by a message. {why['en']} Please tell the "
            "customer in another way, for example by a note in their next parcel.",
        },
        order_id=order.id,
        customer_id=win.customer_id,
    )
