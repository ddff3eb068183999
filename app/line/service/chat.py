"""What LINE tells: handlers of its events, `handler(session, webhook, body)`.

A question becomes a row and an event; the answer goes out over the network, by an errand.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy.orm import Session

from app.consent import queries as reach
from app.core.clock import now
from app.core.secrets import seal
from app.inbox.model import Webhook
from app.journal.service import record
from app.line import queries, rules
from app.line.events import LineAsked
from app.line.model import LineQuestion
from app.line.service import linking
from app.shops import service as shops

#: What a person sends to say whose LINE this is; see `linking.offer_code`.
CODE = re.compile(rf"(?:連携|link)\s*([{linking.ALPHABET}]{{8}})", re.IGNORECASE)


def on_follow(session: Session, _webhook: Webhook, body: bytes) -> None:
    """A new friend is greeted, and told how to link."""
    event = _read(body)
    linking.befriend(session, _user(event))
    _ask(session, event, "welcome")


def on_unfollow(session: Session, _webhook: Webhook, body: bytes) -> None:
    """Whoever blocks the account gets nothing any more, at once."""
    linking.leave(session, _user(_read(body)))


def on_message(session: Session, _webhook: Webhook, body: bytes) -> None:
    """A text that asks for something is answered; every other one is for the shop's people."""
    event = _read(body)
    words = str(event.get("message", {}).get("text", ""))
    code = CODE.search(words)
    if code:
        held = linking.redeem(session, code[1].upper())
        details = {"customer_id": held.customer_id, "order_id": held.order_id} if held else {}
        _ask(session, event, "dialog" if held else "link", details)
        return
    about = rules.meaning(words)
    if about:
        _ask(session, event, about)


def on_postback(session: Session, _webhook: Webhook, body: bytes) -> None:
    """A tap on the menu, or on a star. A star reviews nothing yet: the answer asks to confirm."""
    event = _read(body)
    data = str(event.get("postback", {}).get("data", ""))
    stars = rules.stars_of(data)
    if stars:
        _ask(session, event, "stars", {"message_id": stars[0], "stars": stars[1]})
    elif data.startswith("ask:"):
        about = data.removeprefix("ask:")
        if about in ("status", "reorder", "help", "link", "stop"):
            _ask(session, event, about)


def on_account_link(session: Session, _webhook: Webhook, body: bytes) -> None:
    """The dialog said whose LINE this is: link it, if the nonce is ours and unused."""
    event = _read(body)
    told = event.get("link", {})
    held = (
        linking.redeem(session, str(told.get("nonce", ""))) if told.get("result") == "ok" else None
    )
    if held is None or held.customer_id is None:
        return
    linking.link(
        session,
        held.customer_id,
        _user(event),
        order_id=held.order_id,
        source="dialog",
        locale=shops.shop(session).locale,
    )
    _ask(session, event, "linked")


def settle_question(session: Session, question_id: int) -> None:
    """It was answered (or can be no more): the reply token is of no use to anybody."""
    question = queries.question(session, question_id)
    if question is not None:
        question.answered_at, question.reply_token = now(session), None


def _ask(
    session: Session, event: dict[str, Any], about: str, details: dict[str, Any] | None = None
) -> None:
    token = event.get("replyToken")
    if not token:
        return
    user = _user(event)
    known = reach.customers_at(session, "line", user)
    question = LineQuestion(
        shop_id=session.info["shop_id"],
        about=about,
        user_sealed=seal(user),
        customer_id=known[-1] if known else None,
        details=details or {},
        reply_token=str(token)[:128],
    )
    session.add(question)
    session.flush()
    record(
        session,
        LineAsked(
            occurred_at=now(session), customer_id=question.customer_id, question_id=question.id
        ),
    )


def _read(body: bytes) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(body)
    return event


def _user(event: dict[str, Any]) -> str:
    return str(event.get("source", {}).get("userId", ""))
