"""The admin's view of messages: what was said, what it would look like, and a test send."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.channels.words import told
from app.core import links
from app.core.clock import now
from app.core.errors import GiveUp, Invalid, NotFound
from app.core.halfwidth import half_width
from app.core.locale import LANGUAGES, show_date, show_time
from app.core.request import current
from app.core.runtime import runtime
from app.messages import doubts, editor_view, queries, samples, service, words
from app.messages.model import Message
from app.messages.render import Rendered
from app.messages.texts import cases
from app.messages.texts.store import Place
from app.messages.wrap import unseen
from app.shops import service as shops
from app.shops.settings import email_mistake

admin = Blueprint("messages_admin", __name__)
public = Blueprint("messages_public", __name__)

#: How long the frame that shows a mail stays readable; it carries a person's name and order.
LOOK = timedelta(minutes=15)
WIDTHS = ("320", "375", "600")
#: A mail is looked at, not used: nothing in it runs, submits or leads anywhere.
MAIL_CSP = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; sandbox; frame-ancestors 'self' {ancestors}"
)


@admin.get("/<int:message_id>")
def show(message_id: int) -> str:
    """One message: its words, headers and every try to send it."""
    visit = current()
    opened = queries.open_message(visit.session, message_id)
    return render_template(
        "admin/messages/detail.html",
        opened=opened,
        message=opened.message,
        title=queries.kind_title(opened.message.kind, visit.locale),
        reason=queries.reason_text(opened.message.reason),
        reason_text=queries.reason_text,
        frame=_look({"message": message_id}) if opened.content else "",
        moment=_moment,
        state_name=words.state_name,
        retried=opened.message.state == "scheduled" and bool(opened.message.error),
        trouble=_trouble(opened),
        outcome_name=words.outcome_name,
        told=told,
        pending=_is_leaving(opened.message, now(visit.session)),
        back=_back(opened.message),
    )


@admin.post("/<int:message_id>/resolve")
def resolve(message_id: int) -> BaseResponse:
    """A person's word on a message in doubt."""
    message = queries.by_id(current().session, message_id)
    doubts.resolve(current().session, message, resend=request.form.get("do") == "resend")
    return redirect(url_for("messages_admin.show", message_id=message_id), 303)


@admin.get("/preview/<kind>/<language>")
def preview(kind: str, language: str) -> str:
    """A kind as customers get it, beside the form for a test send."""
    return _preview(kind, language, {}, {})


@admin.post("/test")
def test() -> BaseResponse | Response:
    """Send a kind to an address the merchant names."""
    visit, form = current(), request.form
    kind, language = form.get("kind", ""), form.get("locale", "")
    _check(kind, language)
    address = half_width(form.get("address", ""))
    try:
        if mistake := email_mistake(address):
            raise Invalid({"address": mistake})
    except Invalid as error:
        return make_response(_preview(kind, language, form.to_dict(), error.errors), 422)
    message = service.compose_test(
        visit.session, kind, language, address, samples.subject(visit.session, language)
    )
    return redirect(url_for("messages_admin.show", message_id=message.id), 303)


@public.get("")
def look(token: str) -> Response:
    """The mail itself, for the frames of the two pages above."""
    visit = current()
    subject = visit.claims or {}
    if "message" in subject:
        opened = queries.open_message(visit.session, int(subject["message"]))
        if opened.content is None:
            raise NotFound
        html = unseen(opened.content.html.decode())
    elif "draft" in subject:
        html = editor_view.draft_html(visit.session, subject)
    else:
        kind, language = str(subject["kind"]), str(subject["locale"])
        queries.the_kind(kind)
        said, _mistake = _said(Place(kind, language))
        html = said.html if said else ""
    response = make_response(html)
    settings = runtime().settings
    ancestors = settings.shop_url(settings.shopify_frame_ancestors, visit.domain)
    response.headers["Content-Security-Policy"] = MAIL_CSP.format(ancestors=ancestors)
    return response


def _preview(kind: str, language: str, values: dict[str, str], errors: dict[str, str]) -> str:
    _check(kind, language)
    visit = current()
    chosen = queries.the_kind(kind)
    said, mistake = _said(Place(kind, language))
    width = request.args.get("width", "")
    return render_template(
        "admin/messages/preview.html",
        kind=chosen,
        language=language,
        languages=LANGUAGES,
        title=queries.kind_title(kind, visit.locale),
        class_name=words.class_name(chosen.message_class),
        said=said,
        mistake=mistake,
        frame=_look({"kind": kind, "locale": language}),
        width=width if width in WIDTHS else "375",
        widths=WIDTHS,
        values=values,
        errors=errors,
        contact=shops.shop(visit.session).contact_email or "",
    )


def _said(place: Place) -> tuple[Rendered | None, str]:
    """What is said at a place today, or why that cannot be shown."""
    try:
        return cases.said_now(current().session, place), ""
    except GiveUp as error:
        return None, words.mistake(str(error))


def _trouble(opened: queries.Opened) -> str:
    """What went wrong at the last try. A mistake before any try has no attempt that tells of it."""
    error = opened.message.error or ""
    return words.trouble(error) if error and opened.attempts else words.mistake(error)


def _back(message: Message) -> str:
    """Where one came from: a test from the text that was tried, any other from its order."""
    if message.message_class == "test" and queries.is_kind(message.kind):
        return f"/app/messages/edit/{message.kind}/{message.locale}"
    return f"/app/orders/{message.order_id}" if message.order_id else "/app"


def _is_leaving(message: Message, moment: datetime) -> bool:
    """Whether the page should look again in a moment."""
    due = message.state == "scheduled" and message.due_at is not None and message.due_at <= moment
    return due or message.state in ("claimed", "sending")


def _moment(moment: datetime) -> str:
    """A day and a time as the shop's clock shows them."""
    visit = current()
    zone = shops.shop(visit.session).timezone
    day = show_date(moment.astimezone(ZoneInfo(zone)).date(), visit.locale)
    return f"{day} {show_time(moment, zone, visit.locale)}"


def _check(kind: str, language: str) -> None:
    if language not in LANGUAGES:
        raise NotFound
    queries.the_kind(kind)


def _look(subject: dict[str, int] | dict[str, str]) -> str:
    visit = current()
    expires = now(visit.session) + LOOK
    return f"/m/{links.sign(visit.shop_id, 'mail', dict(subject), expires)}"
