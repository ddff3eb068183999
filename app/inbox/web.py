"""Where webhooks come in, and the page of those that nobody understood."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.db import dispatching
from app.core.locale import gettext as _
from app.core.locale import show_moment
from app.core.request import current
from app.inbox import queries, rules, service
from app.journal import queries as journal
from app.journal.service import replay as replay_delivery
from app.shopify import verify
from app.shops import service as shops

hooks = Blueprint("inbox_hooks", __name__)
admin = Blueprint("inbox_admin", __name__)

#: Shopify's largest orders stay far below; the server refuses more with 413 before reading it.
MAX_BODY = 5 * 1024 * 1024


@hooks.before_request
def limit_body() -> None:
    """Runs before the door's guard, which reads the body."""
    request.max_content_length = MAX_BODY


@hooks.post("/shopify")
@hooks.post("/shopify/compliance")
def shopify() -> Response:
    """Store a verified webhook and say so; understanding it comes later."""
    verified = verify.delivery()
    delivery = service.Delivery(
        domain=verified.domain,
        topic=verified.topic,
        # A delivery without an id is told from another one by what it says.
        webhook_id=verified.webhook_id or hashlib.sha256(verified.body).hexdigest(),
        event_id=verified.event_id,
        triggered_at=_moment(verified.triggered_at),
        body=verified.body,
    )
    with dispatching() as session:
        service.store(session, delivery)
    return Response(status=200)


@admin.get("/webhooks")
def problems() -> str:
    """Webhooks that could not be understood, with the reason and a button to try again."""
    visit = current()
    zone = shops.shop(visit.session).timezone
    shown = [
        {
            "id": problem.id,
            "topic": problem.topic,
            "received": show_moment(problem.received_at, zone, visit.locale),
            "failed": problem.state == "failed",
            "reason": _reasons()[rules.trouble(problem.error)],
            "detail": problem.error,
        }
        for problem in queries.problems(visit.session)
    ]
    failed = [
        {
            "id": one.id,
            "kind": one.kind,
            "happened": show_moment(one.occurred_at, zone, visit.locale),
            "detail": f"{one.listener}: {one.error}",
        }
        for one in journal.undelivered(visit.session)
    ]
    said = _("Trying again") if "again" in request.args else ""
    return render_template("admin/inbox/problems.html", problems=shown, reactions=failed, said=said)


@admin.post("/webhooks/<int:webhook_id>/replay")
def replay(webhook_id: int) -> BaseResponse:
    """Try one webhook again."""
    service.replay(current().session, webhook_id)
    return redirect(url_for("inbox_admin.problems", again=1), 303)


@admin.post("/webhooks/reactions/<int:delivery_id>/replay")
def replay_reaction(delivery_id: int) -> BaseResponse:
    """Try one follow-up step again."""
    replay_delivery(current().session, delivery_id)
    return redirect(url_for("inbox_admin.problems", again=1), 303)


def _reasons() -> dict[rules.Trouble, str]:
    return {
        "unknown_topic": _("Okaeri does not know what to do with this topic."),
        "payload": _("The message lacks something that Okaeri needs, or is damaged."),
        "waiting": _("It belongs to something Shopify has not told of yet."),
        "erased": _("It was emptied at the customer's request."),
        "ours": _("Something went wrong on our side."),
    }


def _moment(text: str | None) -> datetime | None:
    """Shopify's header as a moment; what is no moment is left out rather than refused."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
