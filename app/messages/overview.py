"""The page of all messages: where each is said, in whose words, and whether these words pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES
from app.core.runtime import runtime
from app.messages import queries, samples
from app.messages.kinds import Kind
from app.messages.lint import BLOCK, Finding
from app.messages.model import MessageText
from app.messages.texts import cases, shipped, store
from app.messages.texts.store import Place

#: In whose words a place speaks: its own, the shop's for the whole kind, Okaeri's.
OWN, GENERAL, SHIPPED = "own", "general", "shipped"
ALL = "all"
#: The group of kinds that no journey says.
NOWHERE = "-"

Texts = Mapping[tuple[Place, str], MessageText]
States = Mapping[tuple[Place, str], str]


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

    @property
    def has_own(self) -> bool:
        """Whether somebody wrote, or writes, words for this very place."""
        return any(one.words == OWN or one.draft is not None for one in self.said.values())


@dataclass(frozen=True)
class Row:
    """One kind and where it is said. `moment` is when, for a kind that one step alone says and
    without words of that step's own: then the only spot is the kind itself."""

    kind: Kind
    title: str
    spots: list[Spot] = field(default_factory=list)
    moment: str = ""


@dataclass(frozen=True)
class Group:
    """The kinds that one journey alone says; `key` is empty for those of several journeys, and of
    none. `name` is the journey's."""

    key: str
    name: str = ""
    is_on: bool = False
    rows: list[Row] = field(default_factory=list)

    def count(self, word: str) -> int:
        """In how many texts of the group somebody has to put something right (`wrong`), or still
        writes (`draft`)."""
        said = [one for row in self.rows for spot in row.spots for one in spot.said.values()]
        if word == "draft":
            return sum(one.draft is not None for one in said)
        return sum(word in (one.state, one.draft) for one in said)


def groups(
    session: Session, kinds: Mapping[str, Kind], language: str, *, check: str = ""
) -> list[Group]:
    """Every kind under the journey that says it: journeys that are on first, in the order of their
    steps. With `check`, with what the lint says: of every text (`ALL`, which takes a moment), or of
    those that the shop or its settings can have made wrong (`OWN`)."""
    texts, uses = _texts(session), _uses(session)
    found = _check(session, kinds, texts, whole=check == ALL) if check else {}
    made: dict[str, Group] = {}
    ranks = {name: number for number, name in enumerate(uses)}
    for name in sorted(kinds, key=lambda each: ranks.get(each, len(ranks))):
        said_by = uses.get(name, [])
        home = said_by[0] if len({use.journey for use in said_by}) == 1 else None
        key = home.journey if home else "" if said_by else NOWHERE
        group = made.setdefault(key, Group(key, home.name if home else ""))
        if home and any(use.is_on for use in said_by) and not group.is_on:
            group = made[key] = replace(group, is_on=True)
        group.rows.append(_row(kinds[name], language, said_by, texts, found))
    return sorted(made.values(), key=lambda one: (not one.is_on, one.key in ("", NOWHERE)))


def _row(kind: Kind, language: str, uses: list[Any], texts: Texts, found: States) -> Row:
    spots = [_spot(kind.name, use, texts, found) for use in [None, *uses]]
    title = queries.kind_title(kind.name, language)
    if len(uses) == 1 and not spots[1].has_own:
        return Row(kind, title, spots[:1], moment=uses[0].when)
    return Row(kind, title, spots)


def _check(session: Session, kinds: Mapping[str, Kind], texts: Texts, *, whole: bool) -> States:
    """What the lint says of the texts of these kinds; drafts, too. Okaeri's own are right as they
    ship: unless the `whole` is asked for, those alone are looked at whose code the thank-you page's
    offers may speak against (TM-3)."""
    there = cases.around(session)
    ids = {locale: samples.subject(session, locale) for locale in LANGUAGES}
    found: dict[tuple[Place, str], str] = {}
    for place in _unwritten(kinds, texts):
        if not (whole or (there.offers and shipped.shows_a_code(place.kind))):
            continue
        seen = cases.reader(session, place, ids=ids[place.locale])
        found[place, SHIPPED] = _state(cases.shipped_findings(session, place, seen, there))
    for (place, state), row in texts.items():
        if place.kind in kinds:
            seen = cases.reader(session, place, ids=ids[place.locale])
            said = cases.findings(session, place, store.content_of(row), seen, there)
            found[place, state] = _state(said)
    return found


def _unwritten(kinds: Mapping[str, Kind], texts: Texts) -> Iterator[Place]:
    for place in (Place(name, locale) for name in kinds for locale in LANGUAGES):
        if (place, store.PUBLISHED) not in texts:
            yield place


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
    """What must be put right in the text itself; what its shop lacks is said once, of the shop."""
    own = any(each.severity == BLOCK and not each.page for each in findings)
    return "wrong" if own else "fine"
