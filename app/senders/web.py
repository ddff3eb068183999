"""Where providers report what became of mail."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, abort, request

from app.channels import dsn, signatures
from app.core.request import current
from app.inbox import service as inbox
from app.senders import hooks as verify
from app.senders import queries, service

hooks = Blueprint("senders_hooks", __name__)


@hooks.post("")
def receive(provider: str, token: str) -> Response:
    """Store a verified report and say so; understanding it comes later."""
    visit, body = current(), request.get_data()
    account = queries.account(visit.session, int((visit.claims or {}).get("account", 0)))
    if account is None or account.provider != provider:
        abort(401)
    if not verify.genuine(account, dict(request.headers), body):
        abort(401)
    if provider in verify.BY_MAIL and not _is_for_us(body):
        # Somebody's answer, perhaps: nothing of it is kept.
        return Response(status=200)
    if provider == "ses" and not account.hook_secret:
        service.learn_topic(visit.session, account.id, signatures.topic_of(body))
    inbox.store(
        visit.session,
        inbox.Delivery(
            domain=visit.domain,
            source=provider,
            topic=f"email/{provider}",
            webhook_id=_name(body),
            body=body,
        ),
    )
    return Response(status=200)


def _is_for_us(body: bytes) -> bool:
    """Whether it is a delivery notice, or asks for no more advertising."""
    try:
        return dsn.read(body) is not None or dsn.leaving(body) != ""
    except ValueError:
        abort(400)


def _name(body: bytes) -> str:
    """What tells one report from the next: the provider's id, or what it says."""
    if request.headers.get("Svix-Id"):
        return str(request.headers["Svix-Id"])
    try:
        said = json.loads(body)
        named = said.get("MessageId") if isinstance(said, dict) and "TopicArn" in said else None
    except ValueError:
        named = None
    return str(named or hashlib.sha256(body).hexdigest())
