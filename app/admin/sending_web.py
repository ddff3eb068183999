"""The merchant's page about mail: in whose name and by which way it leaves, whether mailboxes
believe it, how it is received, and who sends which message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.admin import sending_words as words
from app.core.errors import Invalid, NotFound
from app.core.locale import show_moment
from app.core.queue import ring
from app.core.request import current
from app.core.runtime import runtime
from app.messages import queries as messages
from app.senders import entering, hooks, queries, rules, service
from app.senders.model import Brake, SenderDomain
from app.senders.words import brake as brake_text
from app.senders.words import percent
from app.shops import service as shops

admin = Blueprint("sending_admin", __name__)

#: Tools that shops let send a message instead of us; any other can be named.
TOOLS = ("Klaviyo", "Shopify Email", "Omnisend", "Mailchimp", "LINE", "Judge.me")
WARM_UP_SHOWN = (1, 4, 7, 10, 14, 18, 21, 24, 28)


@dataclass(frozen=True)
class KindRow:
    """One kind of message, who sends it, and how people answer it."""

    name: str
    title: str
    owner: str
    marketing: bool
    figures: rules.Figures
    brake: Brake | None


@admin.get("/sending")
def show() -> str:
    """Everything about mail on one page."""
    return _page()


@admin.get("/sending/way")
def choose() -> str:
    """The form of one way out; `via` names it."""
    via = request.args.get("via", "host")
    return _form(via if via in entering.WAYS else "host", {}, {})


@admin.post("/sending/way")
def enter() -> BaseResponse:
    """Keep what was entered and have it proven."""
    try:
        entered = entering.read(request.form)
    except Invalid as error:
        via = request.form.get("provider", "")
        if via not in entering.WAYS:
            raise NotFound from error
        # Keys are not written back into a page.
        typed = {name: request.form.get(name, "") for name in words.HARMLESS}
        return make_response(_form(via, typed, error.errors), 422)
    service.enter(
        current().session,
        provider=entered.provider,
        mailbox=entered.mailbox,
        endpoint=entered.endpoint,
        shown=entered.shown,
        hook_secret=entered.hook_secret,
    )
    return _back()


@admin.post("/sending/again")
def again() -> BaseResponse:
    """Try what was refused once more."""
    service.prove_again(current().session)
    return _back()


@admin.post("/sending/back")
def give_up() -> BaseResponse:
    """Back to the host's server and name."""
    service.go_back(current().session)
    return _back()


@admin.post("/sending/look")
def look() -> BaseResponse:
    """Look at the DNS now."""
    visit = current()
    ring(visit.session, "senders.look", str(visit.shop_id))
    return _back(looked=1)


@admin.post("/sending/hook")
def keep_secret() -> BaseResponse:
    """Keep the secret with which a provider signs its reports."""
    try:
        secret = entering.read_hook_secret(request.form.get("hook_secret", ""))
    except Invalid as error:
        return make_response(_page(errors=error.errors), 422)
    service.keep_hook_secret(current().session, secret)
    return _back()


@admin.post("/sending/established")
def established() -> BaseResponse:
    """Skip the warm-up, or begin it after all."""
    using = queries.active(current().session)
    name = queries.domain_of(using.mailbox if using else None)
    service.call_established(current().session, name, established="established" in request.form)
    return _back()


@admin.post("/sending/brakes/<int:brake_id>/release")
def release(brake_id: int) -> BaseResponse:
    """Let sending go on; the page keeps who did."""
    service.let_go(current().session, brake_id, current().staff or "")
    return _back()


@admin.post("/sending/kinds")
def owners() -> BaseResponse:
    """Who sends which message."""
    kept = queries.owners(current().session)
    for name in messages.all_kinds():
        chosen = request.form.get(f"owner_{name}", "").strip()
        if chosen and chosen != kept.get(name, queries.OKAERI):
            service.hand_to(current().session, name, chosen)
    return redirect(f"{url_for('sending_admin.show')}#kinds", 303)


def _back(looked: int | None = None) -> BaseResponse:
    return redirect(url_for("sending_admin.show", looked=looked), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    visit = current()
    session = visit.session
    newest, using = queries.newest(session), queries.active(session)
    account = newest if newest is not None and newest.state != "retired" else using
    known = queries.domain(session, queries.domain_of(account.mailbox)) if account else None
    zone = shops.shop(session).timezone
    checked = known.checked_at if known else None
    return render_template(
        "admin/senders/show.html",
        errors=errors or {},
        account=account,
        using=using,
        mailbox=queries.sending(session).mailbox,
        way_name=words.way_name,
        trouble=words.trouble(account.detail) if account and account.detail else "",
        domain=known,
        findings=_findings(known),
        checked=show_moment(checked, zone, visit.locale) if checked else "",
        hook=hooks.address(using) if using and using.provider in words.REPORTING else "",
        brakes=[_brake(brake) for brake in queries.braking(session)],
        past=[_brake(brake) for brake in queries.past_brakes(session)],
        figures=queries.figures(session, queries.MARKETING),
        percent=percent,
        pace=queries.pace(session, queries.MARKETING),
        warm_up=_warm_up(known) if using else None,
        kinds=_kinds(),
        tools=TOOLS,
        why=words.why,
        said=words.looked() if "looked" in request.args else "",
    )


def _form(via: str, values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "admin/senders/way.html",
        via=via,
        ways=[(way, words.way_name(way)) for way in entering.WAYS],
        about=words.about_way(via),
        values=values,
        errors=errors,
        mail_from=queries.host_mailbox(),
        app_url=runtime().settings.app_url,
    )


def _findings(known: SenderDomain | None) -> list[dict[str, Any]]:
    """What was seen of the domain's records, in words."""
    return [
        {
            **found,
            "label": words.purpose(found["purpose"]),
            "state_name": words.state(found["state"]),
            "because": words.finding(found),
        }
        for found in (known.findings if known else [])
    ]


def _brake(brake: Brake) -> dict[str, Any]:
    visit = current()
    zone = shops.shop(visit.session).timezone
    kind = brake.subject.partition(":")[2]
    return {
        "id": brake.id,
        "level": brake.level,
        "text": brake_text(brake, messages.kind_title(kind, visit.locale) if kind else ""),
        "began": show_moment(brake.began_at, zone, visit.locale),
        "ended": show_moment(brake.ended_at, zone, visit.locale) if brake.ended_at else "",
        "by": brake.ended_by or "",
    }


def _warm_up(known: SenderDomain | None) -> dict[str, Any] | None:
    """The plan with the day it has come to; None for a domain that needs none."""
    if known is None:
        return None
    today = rules.warm_up_day(known.warming_since, queries.today(current().session))
    return {
        "established": known.established,
        "day": today,
        "begun": known.warming_since is not None,
        "over": rules.warm_up_limit(today) is None,
        "plan": [(day, rules.warm_up_limit(day)) for day in WARM_UP_SHOWN],
    }


def _kinds() -> list[KindRow]:
    visit = current()
    owners = queries.owners(visit.session)
    braked = {brake.subject: brake for brake in queries.braking(visit.session)}
    return [
        KindRow(
            name=name,
            title=messages.kind_title(name, visit.locale),
            owner=owners.get(name, queries.OKAERI),
            marketing=kind.lane == queries.MARKETING,
            figures=queries.figures(visit.session, f"kind:{name}"),
            brake=braked.get(f"kind:{name}"),
        )
        for name, kind in messages.all_kinds().items()
    ]
