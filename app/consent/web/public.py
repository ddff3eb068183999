"""Behind signed links: the way out (RFC 8058), the preference centre, the second click."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from app.consent import queries, service, words
from app.consent.model import GENERAL, ORDERS, TOPICS
from app.core import links
from app.core.clock import now
from app.core.errors import Gone, Invalid
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.core.request import current
from app.core.runtime import runtime
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.shops import service as shops

unsubscribe = Blueprint("consent_unsubscribe", __name__)
preferences = Blueprint("consent_preferences", __name__)
confirm = Blueprint("consent_confirm", __name__)

#: How long the link from the way out to the preference centre works.
DAY = timedelta(days=1)


@unsubscribe.get("")
def ask(token: str) -> str:  # noqa: ARG001  # the door has read it
    """Show a page with one button, or that it was pressed before. It changes nothing: mail scanners
    open every link."""
    return _way_out(done=_has_left())


def _has_left() -> bool:
    """Whether who looks at the page is unsubscribed: a mailbox's one click shows them nothing."""
    customer = _reader()
    if customer is None:
        return False
    address = customer.email or ""
    kept = service.may_send(
        current().session, customer, address=address, channel="email", message_class="marketing"
    )
    return kept == "unsubscribed"


@unsubscribe.post("")
def leave(token: str) -> str:  # noqa: ARG001
    """Stop marketing at once: from the page's button, or by a mailbox's one-click POST, which
    carries no cookie and must not be redirected."""
    customer = _reader()
    if customer is not None:
        one_click = request.form.get("List-Unsubscribe") == "One-Click"
        service.unsubscribe(
            current().session,
            customer.id,
            customer.email,
            "one-click" if one_click else "page",
            evidence=_evidence("unsubscribe page"),
        )
    return _way_out(done=True)


@preferences.get("")
def show(token: str) -> str:  # noqa: ARG001
    """What this person receives, with nothing ticked that was not granted."""
    return _centre(_known_reader())


@preferences.post("")
def change(token: str) -> str:  # noqa: ARG001
    """Save what is ticked, pause, go on, or stop everything: as the pressed button says."""
    session, customer = current().session, _known_reader()
    wish = request.form.get("do", "save")
    if wish == "pause":
        service.pause(session, customer)
        return _centre(customer, _("We will be quiet for 30 days."))
    if wish == "resume":
        service.resume(session, customer)
        return _centre(customer, _("Welcome back. The pause is over."))
    if wish == "birthday":
        return _tell_birthday(customer)
    if wish == "confirm":
        service.send_confirmation(session, customer.id)
        return _centre(customer, _("We have sent you an e-mail with a link to confirm."))
    if wish == "unlink":
        return _unlink(customer)
    if wish == "stop":
        for channel in service.preferences(session, customer).channels:
            service.stop(session, customer, channel, "preferences", _evidence("preference page"))
        return _centre(customer, _("You will get no more marketing messages from us."))
    agreed = service.keep_text(session, agreement(), current_locale())
    service.save_preferences(
        session,
        customer,
        _ticked(),
        "preferences",
        {**_evidence("preference page"), "text": agreed},
    )
    return _centre(customer, _("Your choice is saved."))


def _unlink(customer: Customer) -> str:
    """End the connection with LINE: what comes from now on comes by mail."""
    gone = service.leave_channel(
        current().session, customer.id, "line", "preferences", _evidence("preference page")
    )
    said = _("Your LINE is no longer linked. News of your orders reaches you by e-mail.")
    return _centre(customer, said if gone else _("Your LINE is not linked."))


def _tell_birthday(customer: Customer) -> str:
    """Keep month and day; nothing chosen takes back what was told."""
    month, day = (request.form.get(name, 0, type=int) for name in ("month", "day"))
    try:
        service.tell_birthday(current().session, customer.id, month, day)
    except Invalid as error:
        return _centre(customer, error.errors["birthday"])
    return _centre(customer, _("Your choice is saved."))


def _birthday_wanted() -> bool:
    """Whether anybody would wish them well: nobody is asked for what is not used."""
    uses = runtime().table("USES")(current().session)
    return any(each.kind == "birthday" and each.is_on for each in uses)


@confirm.get("")
def second_look(token: str) -> str:  # noqa: ARG001
    """A page with one button. It changes nothing: mail scanners open every link."""
    return _second(done=_request_id() is None)


@confirm.post("")
def second_click(token: str) -> str:  # noqa: ARG001
    """The consent counts from now on."""
    session, waiting = current().session, _request_id()
    if waiting is not None:
        agreed = service.keep_text(session, confirmation(), current_locale())
        service.confirm(session, waiting, {**_evidence("confirmation page"), "text": agreed})
    return _second(done=True)


def agreement() -> str:
    """The words beside the ticks: who will write, and that it is advertising (rules.md EM-1)."""
    return _(
        "I agree that %(sender)s sends me the advertising messages ticked here. "
        "I can stop them at any time.",
        sender=_sender(),
    )


def confirmation() -> str:
    """The words above the second click."""
    return _(
        "I agree that %(sender)s sends me advertising messages by e-mail. "
        "I can stop them at any time.",
        sender=_sender(),
    )


def _sender() -> str:
    brand = _brand()
    return brand.legal_name or brand.name


def _ticked() -> frozenset[tuple[str, str]]:
    pairs = (value.partition(":") for value in request.form.getlist("want"))
    known = {*TOPICS, ORDERS, GENERAL}
    return frozenset((channel, topic) for channel, _colon, topic in pairs if topic in known)


def _reader() -> Customer | None:
    visit = current()
    customer = mirror.customer(visit.session, (visit.claims or {}).get("customer"))
    return None if customer is None or customer.redacted_at else customer


def _known_reader() -> Customer:
    """Whose link it is; somebody who was erased has nothing to decide any more."""
    customer = _reader()
    if customer is None:
        raise Gone("This link is no longer valid.")
    return customer


def _request_id() -> int | None:
    waiting = queries.open_request(current().session, _known_reader().id)
    return waiting.id if waiting else None


def _evidence(where: str) -> dict[str, Any]:
    """Where a decision was made, after which message, and a keyed hash of the caller's address:
    two decisions can be told to come from one place, and nobody can read which."""
    key = runtime().settings.secret_keys[0].encode()
    caller = (request.remote_addr or "").encode()
    return {
        "where": where,
        "message_id": (current().claims or {}).get("message"),
        "ip": hmac.new(key, caller, "sha256").hexdigest()[:32] if caller else None,
    }


def _way_out(*, done: bool) -> str:
    return render_template(
        "public/consent/unsubscribe.html", done=done, brand=_brand(), centre=_centre_url()
    )


def _second(*, done: bool) -> str:
    return render_template(
        "public/consent/confirm.html", done=done, brand=_brand(), agreement=confirmation()
    )


def _centre(customer: Customer, said: str = "") -> str:
    session = current().session
    found = service.preferences(session, customer)
    shop = shops.shop(session)
    until = found.paused_until
    return render_template(
        "public/consent/preferences.html",
        said=said,
        found=found,
        waiting=queries.open_request(session, customer.id),
        birthday=queries.birthdays(session, [customer.id]).get(customer.id),
        birthday_wanted=_birthday_wanted(),
        words=words,
        brand=_brand(),
        agreement=agreement(),
        paused_until=until
        and show_date(until.astimezone(ZoneInfo(shop.timezone)).date(), current_locale()),
        other="en" if current_locale() == "ja" else "ja",
    )


def _centre_url() -> str:
    """The preference centre of whoever is on the way out."""
    customer = _reader()
    if customer is None:
        return ""
    visit = current()
    token = links.sign(
        visit.shop_id,
        "preferences",
        {"customer": customer.id},
        now(visit.session) + DAY,
    )
    return f"/preferences/{token}"


def _brand() -> shops.Brand:
    return shops.brand(shops.shop(current().session))
