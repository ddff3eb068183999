"""The customer pages: find somebody, see what they will get and why, act for them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response

from app.admin import customers_queries as queries
from app.admin.orders_web import called
from app.consent import words as consent_words
from app.core.locale import current_locale, show_moment
from app.core.locale import gettext as _
from app.core.money import Money
from app.core.request import current
from app.journeys import mutes
from app.journeys import queries as journeys
from app.journeys.refusals import EVERYTHING
from app.messages import queries as messages
from app.messages import service, words
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.segments import queries as segments
from app.segments.words import engagement_names, stage_names
from app.shops.service import shop

admin = Blueprint("customers", __name__)


@admin.get("/customers")
def listing() -> str:
    """The customers of the newest orders, and a search."""
    return _list(queries.newest(current().session), "")


@admin.post("/customers")
def search() -> str:
    """Find somebody. A POST, so that no address ever stands in a URL or a log."""
    wanted = request.form.get("q", "").strip()[:320]
    return _list(queries.find(current().session, wanted), wanted)


def _list(found: list[Customer], wanted: str) -> str:
    session = current().session
    counts = queries.order_counts(session, found)
    rows = [(one, person(one), counts.get(one.id, 0)) for one in found]
    return render_template("admin/customers/list.html", rows=rows, q=wanted)


@admin.get("/customers/<int:customer_id>")
def detail(customer_id: int) -> str:
    """Everything about one customer: what they had, what comes, and why."""
    session = current().session
    found = queries.customer(session, customer_id)
    zone = shop(session).timezone
    channels, permissions = queries.permissions(session, found)
    profile = segments.profile(session, customer_id)
    muted = mutes.mutes_of(session, customer_id)
    return render_template(
        "admin/customers/detail.html",
        customer=found,
        person=person(found),
        profile=profile,
        spent=Money(profile.spent_minor, profile.currency),
        stage=stage_names()[profile.stage],
        engagement=engagement_names()[profile.engagement],
        orders=mirror.orders_of(session, customer_id)[::-1],
        coming=queries.coming(
            session, customer_id, zone, queries.moment(session).astimezone(ZoneInfo(zone))
        ),
        channels=channels,
        permissions=permissions,
        topic=consent_words.topic_name,
        holds=queries.holds(session, customer_id),
        tasks=queries.tasks(session, customer_id),
        hold_text=consent_words.hold_name,
        muted=muted,
        all_muted=muted.get(EVERYTHING),
        live=queries.live_journeys(session, customer_id),
        name=lambda key: journeys.name_of(session, key),
        history=queries.history(session, customer_id, _title),
        state_name=words.state_name,
        reason_text=messages.reason_text,
        moment=_moment,
        zone=zone,
        done=request.args.get("done", ""),
    )


@admin.post("/customers/<int:customer_id>/stop")
def stop(customer_id: int) -> Response:
    """Send this person nothing more, whatever they order, until somebody takes it back."""
    mutes.mute(current().session, customer_id, EVERYTHING, _who())
    return _back(customer_id, "stopped")


@admin.post("/customers/<int:customer_id>/resume")
def resume(customer_id: int) -> Response:
    """Their next orders enter journeys again."""
    mutes.unmute(current().session, customer_id, EVERYTHING, _who())
    return _back(customer_id, "resumed")


@admin.post("/customers/<int:customer_id>/mute/<journey>")
def mute(customer_id: int, journey: str) -> Response:
    """Leave this person in peace by one journey."""
    mutes.mute(current().session, customer_id, journey[:48], _who())
    return _back(customer_id, "muted")


@admin.post("/customers/<int:customer_id>/unmute/<journey>")
def unmute(customer_id: int, journey: str) -> Response:
    """Let one journey write to this person again."""
    mutes.unmute(current().session, customer_id, journey[:48], _who())
    return _back(customer_id, "unmuted")


@admin.post("/customers/<int:customer_id>/messages/<int:message_id>/resend")
def resend(customer_id: int, message_id: int) -> Response:
    """Say something once more; the new message's page says what became of it. Pressed twice, the
    customer's page says that it is done."""
    try:
        again = service.resend(current().session, customer_id, message_id, _who())
    except service.SaidJustNow:
        return _back(customer_id, "already")
    return redirect(url_for("messages_admin.show", message_id=again.id), 303)


def _back(customer_id: int, done: str) -> Response:
    return redirect(url_for("customers.detail", customer_id=customer_id, done=done), 303)


def _who() -> str:
    return current().staff or ""


def person(found: Customer) -> str:
    """A customer's name as the page's language writes it."""
    return called(found.first_name, found.last_name) or _("Guest")


def _title(kind: str) -> str:
    return messages.kind_title(kind, current_locale())


def _moment(at: datetime) -> str:
    return show_moment(at, shop(current().session).timezone, current_locale())
