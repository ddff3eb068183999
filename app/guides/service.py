"""Writing guides."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import LANGUAGES
from app.core.locale import gettext as _
from app.guides import rules
from app.guides.model import Guide
from app.guides.queries import exact_guide


def save(
    session: Session,
    *,
    product_type: str,
    locale: str,
    title: str,
    body: str,
    topic: str = "start",
) -> Guide:
    """Keep a guide; raises `Invalid` with a sentence per field when it cannot be used."""
    title, body = title.strip(), body.replace("\r\n", "\n").strip()
    if errors := mistakes(product_type=product_type, locale=locale, title=title, body=body):
        raise Invalid(errors)
    guide = exact_guide(session, product_type, locale, topic)
    if guide is None:
        guide = Guide(
            shop_id=session.info["shop_id"],
            topic=topic,
            product_type=product_type.strip(),
            locale=locale,
        )
    guide.title, guide.body, guide.updated_at = title, body, now(session)
    session.add(guide)
    session.flush()
    return guide


def forget(session: Session, *, product_type: str, locale: str, topic: str = "start") -> bool:
    """Drop the shop's own text, so that the more general guide serves again."""
    guide = exact_guide(session, product_type, locale, topic)
    if guide is None:
        return False
    session.delete(guide)
    session.flush()
    return True


def mistakes(*, product_type: str, locale: str, title: str, body: str) -> dict[str, str]:
    """What is wrong with a guide, as a sentence for each field; empty when nothing is."""
    errors: dict[str, str] = {}
    if locale not in LANGUAGES:
        errors["locale"] = _("Choose Japanese or English.")
    if len(product_type.strip()) > rules.TITLE_MAX:
        errors["product_type"] = _("This is too long.")
    for name, text, longest in (("title", title, rules.TITLE_MAX), ("body", body, rules.BODY_MAX)):
        said = _mistake(text, longest, locale)
        if said:
            errors[name] = said
    return errors


def _mistake(text: str, longest: int, locale: str) -> str | None:
    if not text.strip():
        return _("Please write something here.")
    if len(text) > longest:
        return _("At most %(count)s characters, please.", count=longest)
    problem = rules.check(text, locale if locale in LANGUAGES else "en")
    return describe(problem) if problem else None


def describe(problem: rules.Problem) -> str:
    """A problem as a sentence with its line."""
    reasons = {
        "unknown_name": _("there is nothing called “%(detail)s”", detail=problem.detail),
        "unknown_filter": _("there is no filter called “%(detail)s”", detail=problem.detail),
        "unclosed": _("something that was opened is not closed (a “{%%” or “{{”)", detail=""),
    }
    why = reasons.get(problem.reason) or problem.detail
    return _("Line %(line)s: %(why)s.", line=problem.line, why=why)
