"""The page of all messages: where each is said, in whose words, and whether these words pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES
from app.core.runtime import runtime
from app.messages import queries
from app.messages.kinds import Kind
from app.messages.lint import BLOCK, Finding
from app.messages.model import MessageText
from app.messages.texts import cases, store
from app.messages.texts.store import Place

#: In whose words a place speaks: its own, the shop's for the whole kind, Okaeri's.
OWN, GENERAL, SHIPPED = "own", "general", "shipped"


@dataclass(frozen=True)
class Said:
    """What is said at one place in one language. `state` is `fine`, `wrong`, or empty while nobody
    has looked; `draft` the same for what is being written, None when nothing is."""

    words: str
    state: str = ""
    draft: str | None = None


@dataclass(frozen=True)
class Spot:
    """Everywhere (`use` is None), or one step of a journey; what is said there by language."""

    use: Any
    said: dict[str, Said]


@dataclass(frozen=True)
class Row:
    """One kind. `checked` once the lint has looked at its texts."""

    kind: Kind
    title: str
    spots: list[Spot] = field(default_factory=list)
    checked: bool = False


def rows(session: Session, kinds: Mapping[str, Kind], language: str) -> list[Row]:
    """Every kind and where it is said; nothing is checked yet, which takes a moment for each."""
    texts, uses = _texts(session), _uses(session)
    return [
        Row(
            kind,
            queries.kind_title(name, language),
            [_spot(name, use, texts, {}) for use in [None, *uses.get(name, [])]],
        )
        for name, kind in kinds.items()
    ]


def checked(session: Session, kind: Kind, language: str) -> Row:
    """One kind with what the lint says of every text of it; drafts, too."""
    texts, found = _texts(session), {}
    for locale in LANGUAGES:
        place = Place(kind.name, locale)
        if (place, store.PUBLISHED) not in texts:
            found[place, SHIPPED] = _state(cases.shipped_findings(session, place))
    for (place, state), row in texts.items():
        if place.kind == kind.name:
            seen = cases.reader(session, place)
            said = cases.findings(session, place, store.content_of(row), seen)
            found[place, state] = _state(said)
    spots = [None, *_uses(session).get(kind.name, [])]
    return Row(
        kind,
        queries.kind_title(kind.name, language),
        [_spot(kind.name, use, texts, found) for use in spots],
        checked=True,
    )


Texts = Mapping[tuple[Place, str], MessageText]
States = Mapping[tuple[Place, str], str]


def _texts(session: Session) -> Texts:
    return {
        (Place(row.kind, row.locale, row.use), row.state): row for row in store.all_current(session)
    }


def _uses(session: Session) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for use in runtime().table("USES")(session):
        found.setdefault(use.kind, []).append(use)
    return found


def _spot(kind: str, use: Any, texts: Texts, found: States) -> Spot:
    return Spot(use, {locale: _said(kind, locale, use, texts, found) for locale in LANGUAGES})


def _said(kind: str, locale: str, use: Any, texts: Texts, found: States) -> Said:
    """What a place says: its own words before the kind's, and those before Okaeri's."""
    general = Place(kind, locale)
    here = Place(kind, locale, use.key) if use else general
    draft = found.get((here, store.DRAFT), "") if (here, store.DRAFT) in texts else None
    for words, place in ((OWN, here), (GENERAL, general)):
        if (place, store.PUBLISHED) in texts:
            return Said(words, found.get((place, store.PUBLISHED), ""), draft)
    return Said(SHIPPED, found.get((general, SHIPPED), ""), draft)


def _state(findings: list[Finding]) -> str:
    return "wrong" if any(each.severity == BLOCK for each in findings) else "fine"
