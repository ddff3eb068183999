"""The way out: one page behind the signed link of a mail's footer and header (RFC 8058)."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.consent import service
from app.core.request import current
from app.mirror import queries as mirror
from app.shops import service as shops

public = Blueprint("consent_public", __name__)


@public.get("")
def ask(token: str) -> str:
    """Show a page with one button. It changes nothing: mail scanners open every link."""
    return _page(done=False)


@public.post("")
def unsubscribe(token: str) -> str:
    """Stop marketing at once: from the page's button, or by a mailbox's one-click POST, which
    carries no cookie and must not be redirected."""
    visit = current()
    customer = mirror.customer(visit.session, (visit.claims or {}).get("customer"))
    if customer is not None:
        one_click = request.form.get("List-Unsubscribe") == "One-Click"
        service.unsubscribe(
            visit.session,
            customer.id,
            customer.email,
            "one-click" if one_click else "page",
            evidence={"message_id": (visit.claims or {}).get("message")},
        )
    return _page(done=True)


def _page(*, done: bool) -> str:
    brand = shops.brand(shops.shop(current().session))
    return render_template("public/consent/unsubscribe.html", done=done, brand=brand)
