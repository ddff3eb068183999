"""What the LINE room does over LINE's network, by events."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.core import outward
from app.core.db import unit_of_work
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.core.secrets import unseal
from app.line import answers, api, queries, service
from app.line.events import LineAsked, LineConnected, LineHeard
from app.line.service import linking

log = structlog.get_logger(__name__)


def answer(shop_id: int, event: LineAsked) -> None:
    """Answer a question, free of charge. A reply token that is too old ends it: answering later
    would cost a message, and the person can ask again."""
    with unit_of_work(shop_id) as session:
        account = queries.account(session)
        question = queries.question(session, event.question_id)
        if account is None or question is None or question.reply_token is None:
            return
        token, reply_token = unseal(account.channel_token), question.reply_token
        user, about = unseal(question.user_sealed), question.about
    # The dialog's link token comes from LINE first.
    link_token = api.link_token(token, user) if about == "dialog" else ""
    with unit_of_work(shop_id) as session:
        said = _words(session, event.question_id, link_token)
    try:
        api.reply(token, reply_token, said)
    except GiveUp as error:
        log.warning("line_reply_refused", shop_id=shop_id, reason=str(error))
    with unit_of_work(shop_id) as session:
        service.settle_question(session, event.question_id)


def _words(session: Session, question_id: int, link_token: str) -> list[dict[str, Any]]:
    question = queries.question(session, question_id)
    if question is None:
        return []
    with use_locale(answers.language(session, question)):
        if question.about != "dialog":
            return answers.answer(session, question)
        nonce = secrets.token_urlsafe(24)
        held = question.details
        linking.new_nonce(session, nonce, held["customer_id"], held["order_id"])
        return answers.dialog(api.account_link_url(link_token, nonce), session)


def forward(shop_id: int, event: LineHeard) -> None:
    """Hand on what LINE posted, unchanged and with LINE's own signature, so that the other tool can
    verify it as if it came from LINE. Where the merchant wants that no more, nothing is done."""
    with unit_of_work(shop_id) as session:
        account = queries.account(session)
        held = service.whole(session, event.webhook_id)
        url = unseal(account.forward_url) if account and account.forward_url else ""
    if held is None or not url:
        return
    signature, body = held
    headers = {"Content-Type": "application/json", "X-Line-Signature": signature}
    outward.post(url, body, headers)


def read_quota(shop_id: int, _event: LineConnected) -> None:
    """Ask LINE what the month still holds."""
    refresh(shop_id)


def refresh(shop_id: int) -> None:
    """Read the month's limit and consumption, if an account is connected."""
    with unit_of_work(shop_id) as session:
        account = queries.account(session)
        token = unseal(account.channel_token) if account else None
    if token is None:
        return
    limit, used = api.quota(token)
    with unit_of_work(shop_id) as session:
        if queries.account(session) is not None:
            service.keep_quota(session, limit, used)
