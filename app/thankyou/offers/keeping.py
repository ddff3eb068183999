"""The merchant's offers: how they are typed, kept, ordered and switched; codes follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.locale import gettext as _
from app.core.money import Money, parse_money
from app.discounts.rules import campaign_name
from app.discounts.service import drop_campaigns, keep_campaign
from app.thankyou.model import Offer
from app.thankyou.offers import goods
from app.thankyou.offers.conditions import Conditions

WHATS = ("fixed", "recommended", "bundle")
#: How many variants an offer of a kind sells together.
SIZES = {"fixed": (1, 1), "bundle": (2, 3), "recommended": (0, 0)}
MOST_PERCENT, MOST_MINUTES = 50, 60
LONGEST_NAME, MOST_WORDS = 120, 20


@dataclass(frozen=True)
class Typed:
    """What the form says, checked."""

    name: str
    what: str
    variants: list[int]
    percent: int
    minutes: int
    timer: str
    step: int
    least_margin: int
    assumed_cost: int
    enabled: bool
    conditions: Conditions


def offer(session: Session, offer_id: int) -> Offer:
    """One offer of the bound shop; raises `NotFound` when it is none, or removed."""
    found = session.get(Offer, (session.info["shop_id"], offer_id))
    if found is None or found.removed_at is not None:
        raise NotFound
    return found


def offers(session: Session) -> list[Offer]:
    """All offers, first steps before second ones, in the order in which they are tried."""
    return list(
        session.scalars(
            select(Offer)
            .where(Offer.removed_at.is_(None))
            .order_by(Offer.step, Offer.position, Offer.id)
        )
    )


def save(
    session: Session,
    offer_id: int | None,
    form: Mapping[str, str],
    chosen: Mapping[str, list[str]],
    currency: str,
) -> Offer:
    """Keep an offer as typed, a new one last. Raises `Invalid` with a sentence a field. `chosen`
    holds the fields of which several may be picked."""
    typed = read_form(session, form, chosen, currency)
    found = offer(session, offer_id) if offer_id is not None else _new(session)
    for name in (
        "name",
        "what",
        "variants",
        "percent",
        "minutes",
        "timer",
        "step",
        "least_margin",
        "assumed_cost",
        "enabled",
    ):
        setattr(found, name, getattr(typed, name))
    found.conditions = msgspec.to_builtins(typed.conditions)
    session.add(found)
    session.flush()
    keep_codes_ready(session)
    return found


def _new(session: Session) -> Offer:
    last = session.scalar(select(func.max(Offer.position)).where(Offer.removed_at.is_(None)))
    return Offer(shop_id=session.info["shop_id"], position=(last or 0) + 1)


def switch(session: Session, offer_id: int, *, on: bool) -> None:
    """Show an offer from now on, or no more. What was shown keeps its word."""
    offer(session, offer_id).enabled = on
    session.flush()
    keep_codes_ready(session)


def without_timer(session: Session, offer_id: int) -> None:
    """Have an offer name no deadline any more."""
    offer(session, offer_id).timer = "none"
    session.flush()
    keep_codes_ready(session)


def remove(session: Session, offer_id: int) -> None:
    """Take an offer away; what was shown of it stays as evidence."""
    found = offer(session, offer_id)
    found.removed_at, found.enabled = now(session), False
    session.flush()
    keep_codes_ready(session)


def move(session: Session, offer_id: int, *, up: bool) -> None:
    """Change places with the offer before or after it; at the end nothing changes."""
    found = offer(session, offer_id)
    ordered = [one for one in offers(session) if one.step == found.step]
    at = ordered.index(found)
    to = at - 1 if up else at + 1
    if 0 <= to < len(ordered):
        ordered[at], ordered[to] = ordered[to], ordered[at]
    for position, one in enumerate(ordered, start=1):
        one.position = position


def keep_codes_ready(session: Session) -> None:
    """Codes for every offer that is on and whose product is known beforehand; no others."""
    wanted = [one for one in offers(session) if one.enabled and one.what != "recommended"]
    drop_campaigns(session, [campaign_name(one.variants, one.percent) for one in wanted])
    for one in wanted:
        keep_campaign(session, one.variants, one.percent, timed=one.timer != "none")


# --- the form -----------------------------------------------------------------------------------


def read_form(
    session: Session, form: Mapping[str, str], chosen: Mapping[str, list[str]], currency: str
) -> Typed:
    """What was typed; raises `Invalid` with a sentence a field."""
    errors: dict[str, str] = {}
    what = form.get("what", "")
    typed = Typed(
        name=_name(form, errors),
        what=what if what in WHATS else "fixed",
        variants=_variants(session, what, chosen.get("variants", []), errors),
        percent=_whole(form, "percent", 1, MOST_PERCENT, errors),
        minutes=_whole(form, "minutes", 1, MOST_MINUTES, errors),
        timer="none" if form.get("timer") == "none" else "usual",
        step=2 if form.get("step") == "2" else 1,
        least_margin=_whole(form, "least_margin", 0, 99, errors),
        assumed_cost=_whole(form, "assumed_cost", 0, 100, errors),
        enabled="enabled" in form,
        conditions=_conditions(form, chosen, currency, errors),
    )
    if errors:
        raise Invalid(errors)
    return typed


def _name(form: Mapping[str, str], errors: dict[str, str]) -> str:
    typed = form.get("name", "").strip()
    if not typed:
        errors["name"] = _("This field is needed.")
    elif len(typed) > LONGEST_NAME:
        errors["name"] = _("Please write at most %(count)s characters.", count=LONGEST_NAME)
    return typed


def _variants(
    session: Session, what: str, picked: Iterable[str], errors: dict[str, str]
) -> list[int]:
    least, most = SIZES.get(what, (1, 1))
    numbers = list(dict.fromkeys(int(one) for one in picked if _is_number(one)))
    if most == 0:
        return []
    if not least <= len(numbers) <= most:
        errors["variants"] = (
            _("Choose two or three products for a bundle.")
            if what == "bundle"
            else _("Choose the product to offer.")
        )
    elif goods.of_variants(session, numbers) is None:
        errors["variants"] = _("Choose a product from the list.")
    return numbers


def _conditions(
    form: Mapping[str, str],
    chosen: Mapping[str, list[str]],
    currency: str,
    errors: dict[str, str],
) -> Conditions:
    buyers, locale = form.get("buyers", "all"), form.get("locale", "")
    found = Conditions(
        products=tuple(int(one) for one in chosen.get("products", ()) if _is_number(one)),
        collections=_words(form.get("collections", "")),
        least_minor=_amount(form, "least", currency, errors),
        most_minor=_amount(form, "most", currency, errors),
        buyers=buyers if buyers in ("first", "repeat") else "all",  # type: ignore[arg-type]
        tags=_words(form.get("tags", "")),
        locale=locale if locale in ("ja", "en") else "",  # type: ignore[arg-type]
        least_stock=_whole(form, "least_stock", 0, 10_000, errors),
    )
    if found.most_minor and found.most_minor < found.least_minor:
        errors["most"] = _("This is less than where it begins.")
    return found


def _words(typed: str) -> tuple[str, ...]:
    parts = (part.strip() for part in typed.replace("、", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_WORDS]


def _amount(form: Mapping[str, str], name: str, currency: str, errors: dict[str, str]) -> int:
    typed = form.get(name, "").strip().replace(",", "")
    if not typed:
        return 0
    try:
        minor = parse_money(typed, currency).minor
    except ValueError:
        minor = -1
    if minor < 0:
        errors[name] = _("Write an amount as digits.")
        return 0
    return minor


def _whole(
    form: Mapping[str, str], name: str, least: int, most: int, errors: dict[str, str]
) -> int:
    typed = form.get(name, "").strip() or str(DEFAULTS[name])
    if not _is_number(typed) or not least <= int(typed) <= most:
        errors[name] = _("Write a whole number from %(least)s to %(most)s.", least=least, most=most)
        return DEFAULTS[name]
    return int(typed)


#: What stands in an empty field.
DEFAULTS = {"percent": 10, "minutes": 5, "least_margin": 0, "assumed_cost": 0, "least_stock": 0}


def values(found: Offer | None, currency: str) -> dict[str, Any]:
    """An offer as the form shows it; a new one without `found`."""
    if found is None:
        return {"what": "fixed", "timer": "usual", "step": 1, "buyers": "all", **DEFAULTS}
    wanted = msgspec.convert(found.conditions, Conditions)
    names = (
        "name",
        "what",
        "variants",
        "percent",
        "minutes",
        "timer",
        "step",
        "least_margin",
        "assumed_cost",
        "enabled",
    )
    return {
        **{name: getattr(found, name) for name in names},
        "products": list(wanted.products),
        "collections": ", ".join(wanted.collections),
        "least": _typed_amount(wanted.least_minor, currency),
        "most": _typed_amount(wanted.most_minor, currency),
        "buyers": wanted.buyers,
        "tags": ", ".join(wanted.tags),
        "locale": wanted.locale,
        "least_stock": wanted.least_stock,
    }


def _typed_amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal) if minor else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
