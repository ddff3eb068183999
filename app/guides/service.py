"""Writing guides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.core.advertising import MOST_SHARE
from app.core.clock import now
from app.core.errors import Invalid
from app.core.halfwidth import half_width
from app.core.locale import LANGUAGES, sentences
from app.core.locale import gettext as _
from app.guides import rules
from app.guides.model import Guide
from app.guides.queries import exact_guide
from app.guides.rules import About

ALL = About()


@dataclass(frozen=True)
class Draft:
    """A text as somebody typed it. A picture needs words for those who do not see it."""

    title: str
    body: str
    about: About = ALL
    topic: str = "start"
    image_url: str = ""
    image_alt: str = ""
    video_url: str = ""

    @property
    def tidy(self) -> Draft:
        """Without stray spaces, and the film by its lasting address."""
        film = rules.video(half_width(self.video_url))
        return replace(
            self,
            title=self.title.strip(),
            body=self.body.replace("\r\n", "\n").strip(),
            image_url=half_width(self.image_url),
            image_alt=self.image_alt.strip() if self.image_url.strip() else "",
            video_url=film.url if film else self.video_url.strip(),
        )


def save(session: Session, draft: Draft, locale: str) -> Guide:
    """Keep a guide; raises `Invalid` with a sentence per field when it cannot be used."""
    typed = draft.tidy
    if errors := mistakes(typed, locale):
        raise Invalid(errors)
    guide = exact_guide(session, typed.about, locale, typed.topic)
    if guide is None:
        guide = Guide(
            shop_id=session.info["shop_id"],
            topic=typed.topic,
            product_shopify_id=typed.about.product,
            collection=typed.about.collection.strip(),
            product_type=typed.about.product_type.strip(),
            locale=locale,
        )
    for name in ("title", "body", "image_url", "image_alt", "video_url"):
        setattr(guide, name, getattr(typed, name))
    guide.updated_at = now(session)
    session.add(guide)
    session.flush()
    return guide


def forget(session: Session, about: About, locale: str, topic: str = "start") -> bool:
    """Drop the shop's own text, so that the more general guide serves again."""
    guide = exact_guide(session, about, locale, topic)
    if guide is None:
        return False
    session.delete(guide)
    session.flush()
    return True


def mistakes(draft: Draft, locale: str) -> dict[str, str]:
    """What is wrong with a guide, as a sentence for each field; empty when nothing is."""
    errors: dict[str, str] = {}
    if locale not in LANGUAGES:
        errors["locale"] = _("Choose Japanese or English.")
    if len(draft.about.product_type.strip()) > rules.TITLE_MAX:
        errors["product_type"] = _("This is too long.")
    for name, text, longest in (
        ("title", draft.title, rules.TITLE_MAX),
        ("body", draft.body, rules.BODY_MAX),
    ):
        said = _mistake(text, longest, locale)
        if said:
            errors[name] = said
    if not errors and draft.topic not in rules.MARKETING:
        errors |= _adverts(draft)
    return errors | _pictures(draft)


def _adverts(draft: Draft) -> dict[str, str]:
    """What makes the mail about an order that shows the text an advertisement (EM-3)."""
    found = rules.advert(draft.title, draft.body)
    if found is None:
        return {}
    why = _("“%(words)s” advertises, and mails about the order show this text.", words=found.words)
    share = round(MOST_SHARE * 100)
    remedy = {
        "title": _("Say in the title what the text helps with."),
        "many": _("Keep one suggestion, at the end, and take the others out."),
        "above": _("Move it to the end, below everything that helps."),
        "share": _(
            "It is %(percent)s%% of the text; keep it to %(share)s%% at most.",
            percent=found.percent,
            share=share,
        ),
    }
    return {found.field: sentences(why, remedy[found.wrong])}


def _pictures(draft: Draft) -> dict[str, str]:
    """What is wrong with the picture and the film."""
    errors: dict[str, str] = {}
    if draft.image_url and not rules.is_picture(draft.image_url):
        errors["image_url"] = _("A picture’s address begins with https://.")
    elif draft.image_url and not draft.image_alt:
        errors["image_alt"] = _("Say what the picture shows, for those who do not see it.")
    if draft.video_url and rules.video(draft.video_url) is None:
        errors["video_url"] = _("This is no link to a video on YouTube or Vimeo.")
    if max(len(draft.image_alt), len(draft.video_url)) > rules.TITLE_MAX:
        errors.setdefault("image_alt", _("This is too long."))
    return errors


def _mistake(text: str, longest: int, locale: str) -> str | None:
    if not text.strip():
        return _("Please write something here.")
    if len(text) > longest:
        return _("Please use no more than %(count)s characters.", count=longest)
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
