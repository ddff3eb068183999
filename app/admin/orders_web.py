"""The order pages: the list, and one order's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response

from app.admin import orders_queries
from app.admin.timeline import story as stories
from app.admin.timeline import timeline
from app.admin.timeline.items import moment_text
from app.core.clock import now
from app.core.locale import gettext as _
from app.core.money import Money
from app.core.places import japanese
from app.core.request import current
from app.core.runtime import runtime
from app.inserts import queries as inserts
from app.journeys import queries as journey_queries
from app.journeys import service as journeys
from app.messages import names
from app.messages import queries as messages
from app.mirror.model import Customer, Order
from app.parcels.cases import cases_of
from app.shops.service import shop

admin = Blueprint("orders", __name__)


@admin.get("/orders")
def listing() -> str:
    """Orders, newest first, and a search by order number."""
    name = request.args.get("q", "").strip()[:64]
    before = request.args.get("before", type=int)
    found = orders_queries.rows(current().session, name=name, before=before)
    page = [_shown(row) for row in found[: orders_queries.PAGE]]
    more = page[-1].row.order.id if len(found) > orders_queries.PAGE else None
    return render_template("admin/orders/list.html", rows=page, q=name, more=more, before=before)


@admin.get("/orders/<int:order_id>")
def detail(order_id: int) -> str:
    """One order: everything that happened and everything that will."""
    story = stories.read(current().session, order_id)
    order = story.order
    return render_template(
        "admin/orders/detail.html",
        box=next(iter(inserts.boxes(current().session, [order_id])), None),
        packable=not story.digital and order.cancelled_at is None,
        story=story,
        order=order,
        total=Money(order.total_minor, order.currency),
        timeline=timeline(story),
        tasks=journey_queries.tasks_of(current().session, order_id),
        anything_coming=any(run.ended_at is None for run in story.runs),
        person=person(order, story.customer),
        no_marketing=messages.reason_text(story.no_marketing),
        shopify_url=_at_shopify(order.shopify_id),
        badges=_badges(story),
        done=request.args.get("done", ""),
        cases=[case for case in cases_of(current().session, order_id) if case.state == "open"],
    )


@admin.post("/orders/<int:order_id>/stop")
def stop(order_id: int) -> Response:
    """Send nothing more for this order."""
    journeys.stop_by_hand(current().session, order_id)
    return redirect(url_for("orders.detail", order_id=order_id, done="stopped"), 303)


def _badges(story: stories.Story) -> list[tuple[str, str]]:
    """What is special about the order: texts with their tones."""
    order = story.order
    found = [
        (_("Cancelled"), "critical", order.cancelled_at is not None),
        (_("Refunded"), "critical", order.financial_status == "refunded"),
        (_("Test order"), "", order.test),
        (_("Point of sale"), "", order.source_name == "pos"),
        (_("Gift"), "info", story.gift),
        (_("Digital"), "", story.digital),
        (_("Paid on delivery"), "", order.paid_on_delivery),
        (_("No e-mail address"), "warning", not story.address),
    ]
    return [(text, tone) for text, tone, holds in found if holds]


@dataclass(frozen=True)
class Shown:
    """A row of the list with its moments and its customer in words."""

    row: orders_queries.Row
    person: str
    placed: str


def _shown(row: orders_queries.Row) -> Shown:
    session = current().session
    zone = shop(session).timezone
    today = now(session).astimezone(ZoneInfo(zone)).date()
    placed = moment_text(row.order.placed_at, zone, current().locale, today)
    return Shown(row, person(row.order, row.customer), placed)


def person(order: Order, customer: Customer | None) -> str:
    """Whose order it is, as the page's language writes names; the address's name for guests."""
    place = order.shipping_address or {}
    first = (customer.first_name if customer else "") or str(place.get("first_name") or "")
    last = (customer.last_name if customer else "") or str(place.get("last_name") or "")
    return called(first, last) or str(place.get("name") or "") or order.company or _("Guest")


def called(first: str, last: str) -> str:
    """A name as the page's language writes it; empty when there is none in English."""
    if current().locale == "ja":
        return names.address_person(first, last, "ja").called
    # Names in Japanese letters keep their order, whatever language the page speaks.
    parts = (last, first) if japanese(first + last) else (first, last)
    return " ".join(part for part in parts if part)


def _at_shopify(shopify_id: int) -> str:
    settings = runtime().settings
    base = settings.shop_url(settings.shopify_admin_url, current().domain)
    return f"{base}/orders/{shopify_id}"
