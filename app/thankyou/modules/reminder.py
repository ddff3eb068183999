"""The customer chooses when to be reminded of what they will use up (features.md A13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.consent import service as consent
from app.consent.service.permission import must_confirm
from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.mirror.model import Customer, Order, OrderLine
from app.replenishment import service as replenishment
from app.replenishment import wishes
from app.shops import service as shops
from app.thankyou.api import FieldShown, ModuleShown
from app.thankyou.context import Context
from app.thankyou.modules.words import failed_text

TOPIC = "replenishment"
#: Without consent, these answers mean that one may still be asked for; others are a no.
ASKABLE = frozenset({"no_consent", "country_needs_consent", "country_unknown"})


def show(page: Context) -> ModuleShown | None:
    """A day to choose for the first thing that is used up; the day once it is chosen."""
    session, customer, line = page.session, page.customer, _line(page)
    if customer is None or line is None:
        return None
    wish = page.wishes.get(line.id)
    needs = _needs_consent(page, customer)
    if needs is None:
        return None
    return ModuleShown(
        key="reminder",
        heading=_("A reminder before it runs out"),
        text="" if wish else _("When should we remind you of %(product)s?", product=line.title),
        fields=[] if wish else _fields(session, needs=needs),
        submit_text=_("Remind me on this day"),
        done=_done(wish.remind_on) if wish else None,
        failed_text=failed_text(),
    )


def take(page: Context, values: Mapping[str, str]) -> None:
    """Keep the day, and the consent where it was missing."""
    session, customer, line = page.session, page.customer, _line(page)
    if customer is None or line is None:
        raise Invalid({"date": _("Choose one of the days on offer.")})
    if _needs_consent(page, customer):
        _agree(session, customer, page.order, values)
    try:
        day = date.fromisoformat(values.get("date", ""))
    except ValueError as error:
        raise Invalid({"date": _("Choose one of the days on offer.")}) from error
    wishes.choose(session, page.order, line, replenishment.packs_of(session, line), day)


def _fields(session: Session, *, needs: bool) -> list[FieldShown]:
    first, last = wishes.bounds(session)
    day = FieldShown(
        name="date",
        kind="date",
        label=_("Day of the reminder"),
        needed=True,
        earliest=first.isoformat(),
        latest=last.isoformat(),
    )
    box = FieldShown(name="agree", kind="check", label=agreement(session), needed=True)
    return [day, box] if needs else [day]


def _done(day: date) -> str:
    return _("We will remind you on %(day)s.", day=show_date(day, current_locale()))


def _line(page: Context) -> OrderLine | None:
    return next((one for one in page.lines if replenishment.used_up(one, page.products)), None)


def _needs_consent(page: Context, customer: Customer) -> bool | None:
    """Whether a consent has to be asked for with the day; None where none can be had here: nobody
    can be written to, said no before, or confirms by a second click."""
    if not customer.email:
        return None
    refused = consent.may_send(
        page.session,
        customer,
        address=customer.email,
        channel="email",
        message_class="marketing",
        topic=TOPIC,
        known=page.known,
    )
    if refused is None:
        return False
    askable = refused in ASKABLE and not must_confirm(page.session, customer)
    return True if askable else None


def agreement(session: Session) -> str:
    """The words beside the box: this reminder is advertising, by e-mail (rules.md EM-1)."""
    return _(
        "I agree that %(sender)s sends me reminders to reorder by e-mail (advertising). "
        "I can stop them at any time.",
        sender=shops.brand(shops.shop(session)).name,
    )


def _agree(session: Session, customer: Customer, order: Order, values: Mapping[str, str]) -> None:
    if values.get("agree") != "on":
        raise Invalid({"agree": _("Tick at least one box.")})
    text = consent.keep_text(session, agreement(session), current_locale())
    consent.grant(
        session,
        customer.id,
        channel="email",
        topic=TOPIC,
        source="thank_you",
        occurred_at=now(session),
        evidence={"how": "order page", "order": order.id, "text": text},
    )
