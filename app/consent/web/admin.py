"""The merchant's pages about consent: where it is needed, and one person's ledger."""

from __future__ import annotations

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Response, render_template, request

from app.consent import countries, queries, rules, service, words
from app.core.errors import NotFound
from app.core.htmx import wants_fragment
from app.core.locale import current_locale, show_time
from app.core.locale import gettext as _
from app.core.request import current
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.shops import service as shops
from app.shops.settings import ConsentSettings
from app.shops.staff import kept_name

admin = Blueprint("consent", __name__)

MODES: tuple[rules.DoubleOptIn, ...] = ("usual", "everywhere", "off")


@admin.get("/consent")
def overview() -> str:
    """What applies where, and what is kept of whom."""
    return _overview()


@admin.post("/consent")
def save() -> str:
    """Keep how consent is asked for."""
    mode = next((one for one in MODES if one == request.form.get("double_opt_in")), MODES[0])
    strict = {
        country
        for rule in countries.all_rules()
        if rule.being_customer == "own"
        for country in rule.countries
    }
    also = tuple(sorted(strict & set(request.form.getlist("also"))))
    shops.keep_consent_settings(
        current().session,
        ConsentSettings(double_opt_in=mode, basis_also=also, ask_sms="ask_sms" in request.form),
    )
    return _overview(_("Settings saved."))


@admin.get("/consent/customers/<int:customer_id>")
def person(customer_id: int) -> str:
    """One person's ledger: as a page of its own, or as a part of another."""
    return _person(_customer(customer_id))


@admin.post("/consent/customers/<int:customer_id>/stop")
def stop(customer_id: int) -> str:
    """Staff stop all marketing to a person who asked for it by other means."""
    customer, visit = _customer(customer_id), current()
    service.stop_everywhere(
        visit.session, customer, "admin", {"where": "admin", "staff": visit.staff}
    )
    return _person(customer, _("No more marketing messages go to this person."))


@admin.post("/consent/customers/<int:customer_id>/reinstate")
def reinstate(customer_id: int) -> str:
    """Staff know that the mailbox works again."""
    customer, visit = _customer(customer_id), current()
    service.reinstate(visit.session, "email", customer.email, customer.id, visit.staff or "")
    return _person(customer, _("Mail may go to this address again."))


@admin.get("/consent/customers/<int:customer_id>/ledger.csv")
def export(customer_id: int) -> Response:
    """The ledger with its evidence, for whoever asks for proof (rules.md EM-1)."""
    customer = _customer(customer_id)
    file = io.StringIO()
    writer = csv.writer(file)
    names = ("at", "recorded_at", "channel", "topic", "granted", "source", "where", "file", "line")
    writer.writerow([*names, "ip_hash", "staff", "staff_name", "message", "text", "text_sha256"])
    for entry, text in _entries(customer):
        proof = entry.evidence
        writer.writerow(
            [
                entry.occurred_at.isoformat(),
                entry.recorded_at.isoformat(),
                entry.channel,
                entry.topic,
                "yes" if entry.granted else "no",
                entry.source,
                *(safe(proof.get(name)) for name in ("where", "file", "line", "ip", "staff")),
                safe(kept_name(current().session, proof.get("staff"))),
                safe(proof.get("message_id")),
                safe(text),
                safe(proof.get("text")),
            ]
        )
    return download(file.getvalue(), f"consent-{customer_id}.csv")


def download(text: str, name: str) -> Response:
    """A CSV that spreadsheets open with the right characters."""
    return Response(
        "\ufeff" + text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def safe(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _overview(said: str = "") -> str:
    session = current().session
    shop = shops.shop(session)
    chosen = shops.settings_of(shop)
    return render_template(
        "admin/consent/overview.html",
        said=said,
        shop=shop,
        chosen=chosen,
        rows=[
            _row(rule, chosen.consent, chosen.existing_customer_basis)
            for rule in countries.all_rules()
        ],
        modes=MODES,
        kept=[
            (words.suppression_name(reason), count)
            for reason, count in queries.suppression_counts(session)
        ],
    )


def _row(rule: countries.CountryRule, chosen: ConsentSettings, on: bool) -> dict[str, Any]:
    """A line of the table: which countries, what applies now, and why."""
    picked = rule.being_customer == "own" and rule.countries[0] in chosen.basis_also
    return {
        "rule": rule,
        "names": words.country_names(rule.key),
        "text": rule.ja if current_locale() == "ja" else rule.en,
        "enough": on and (rule.being_customer == "switch" or picked),
        "picked": picked,
    }


def _person(customer: Customer, said: str = "") -> str:
    session = current().session
    part = wants_fragment() and request.method == "GET"
    return render_template(
        "admin/consent/ledger.html" if part else "admin/consent/person.html",
        said=said,
        customer=customer,
        entries=_entries(customer),
        found=service.preferences(session, customer),
        holds=queries.holds(session, customer.id),
        waiting=queries.open_request(session, customer.id),
        mendable=[
            words.suppression_name(kept.reason)
            for kept in queries.suppressions(session, "email", customer.email)
            if kept.reason in rules.MENDABLE
        ],
        words=words,
        moment=moment,
    )


def _entries(customer: Customer) -> list[tuple[Any, str]]:
    """The ledger, the newest first, each record with the words that were agreed to."""
    session = current().session
    entries = queries.ledger(session, customer.id)[::-1]
    texts = queries.texts(session, [e.evidence["text"] for e in entries if "text" in e.evidence])
    return [
        (entry, texts[entry.evidence["text"]].text if entry.evidence.get("text") in texts else "")
        for entry in entries
    ]


def _customer(customer_id: int) -> Customer:
    customer = mirror.customer(current().session, customer_id)
    if customer is None:
        raise NotFound
    return customer


def moment(at: Any) -> str:
    """A moment in the shop's zone, in the reader's words."""
    zone = shops.shop(current().session).timezone
    local, language = at.astimezone(ZoneInfo(zone)), current_locale()
    day = format_date(local.date(), "long", locale=language)
    return f"{day} {show_time(at, zone, language)}"
