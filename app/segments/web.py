"""Who would be meant: conditions in, a count and a few people out. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request
from sqlalchemy import select
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.htmx import wants_fragment
from app.core.locale import LANGUAGES
from app.core.locale import gettext as _
from app.core.money import Money
from app.core.places import country_name
from app.core.request import current
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.segments import queries, regions, words
from app.segments.rules import ENGAGEMENTS, STAGES
from app.segments.selection import Conditions, Person, select_people
from app.shops import service as shops

admin = Blueprint("segments", __name__)

NUMBERS = ("orders", "recency", "frequency", "monetary")
TEXTS = ("stage", "engagement", "product_type", "place", "region", "language")


@dataclass(frozen=True)
class Shown:
    """A person of the sample as the page shows them."""

    name: str
    person: Person
    spent: Money


@admin.get("/segments")
def preview() -> str:
    """The conditions, and who fits them."""
    return _page()


@admin.post("/segments/high-value")
def high_value() -> BaseResponse | str:
    """Keep from how much on an order is one of high value."""
    try:
        shops.set_high_value(current().session, request.form.get("amount", ""))
    except Invalid as error:
        return make_response(_page(error.errors), 422)
    return _page(said=_("Settings saved."))


def _page(errors: Mapping[str, str] | None = None, said: str = "") -> str:
    session, wanted = current().session, _wanted()
    shop = shops.shop(session)
    found = select_people(session, wanted)
    return render_template(
        "admin/segments/result.html" if wants_fragment() else "admin/segments/preview.html",
        wanted=wanted, found=found, zone=shop.timezone, stages=words.stage_names(),
        engagements=words.engagement_names(), types=mirror.product_types(session),
        places=[(one, country_name(one, current().locale)) for one in queries.countries(session)],
        regions=regions.offered(session, shop.country, current().locale), languages=LANGUAGES,
        people=[_shown(person, shop.currency) for person in found.sample],
        high_value=Money(queries.high_value_minor(session), shop.currency),
        errors=errors or {}, said=said,
    )  # fmt: skip


def _wanted() -> Conditions:
    asked = request.args
    numbers = {
        name: min(int(asked[name]), 10_000) for name in NUMBERS if asked.get(name, "").isdigit()
    }
    texts = {name: asked.get(name, "").strip()[:80] for name in TEXTS}
    if texts["stage"] not in STAGES:
        texts["stage"] = ""
    if texts["engagement"] not in ENGAGEMENTS:
        texts["engagement"] = ""
    return Conditions(**numbers, **texts)  # type: ignore[arg-type]  # names and types agree


def _shown(person: Person, currency: str) -> Shown:
    customer = (
        current().session.scalars(select(Customer).where(Customer.id == person.customer_id)).one()
    )
    names = [customer.first_name, customer.last_name]
    if (customer.locale or "").startswith("ja"):
        names.reverse()
    name = " ".join(filter(None, names)) or _("without a name")
    return Shown(name, person, Money(person.spent_minor, currency))
