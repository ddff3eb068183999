"""Writing cards, and noting what is packed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.guides import rules as guide_rules
from app.guides import service as guides
from app.inserts import queries, rules, tagging
from app.inserts.model import InsertCard, InsertPacking
from app.journeys import queries as journeys

LONGEST = 1_000


@dataclass(frozen=True)
class Draft:
    """A card as somebody typed it."""

    name: str
    words: list[str]
    size: str
    title_ja: str
    body_ja: str
    title_en: str
    body_en: str
    position: int
    active: bool


def save(session: Session, draft: Draft, card_id: int | None = None) -> InsertCard:
    """Keep a card; raises `Invalid` with a sentence per field."""
    if errors := mistakes(draft):
        raise Invalid(errors)
    if card_id is None:
        found = InsertCard(shop_id=session.info["shop_id"])
    else:
        found = queries.card(session, card_id)
    for name, value in asdict(draft).items():
        setattr(found, name, value)
    found.updated_at = now(session)
    session.add(found)
    session.flush()
    tagging.look_at_all(session)
    return found


def mistakes(draft: Draft) -> dict[str, str]:
    """What is wrong with a card; empty when nothing is."""
    errors = {} if draft.name.strip() else {"name": _("Please write something here.")}
    if draft.size not in rules.SIZES:
        errors["size"] = _("Choose a paper.")
    if wrong := journeys.wrong_conditions(draft.words):
        errors["words"] = wrong
    for language in ("ja", "en"):
        for part in ("title", "body"):
            name = f"{part}_{language}"
            if said := _mistake(
                getattr(draft, name), 120 if part == "title" else LONGEST, language
            ):
                errors[name] = said
    return errors


def _mistake(text: str, longest: int, language: str) -> str | None:
    if not text.strip():
        return _("Please write something here.")
    if len(text) > longest:
        return _("Please use no more than %(count)s characters.", count=longest)
    problem = guide_rules.check(text, language)
    return guides.describe(problem) if problem else None


def remove(session: Session, card_id: int) -> None:
    """Throw a card away; what was packed with it stays noted."""
    session.delete(queries.card(session, card_id))
    session.flush()
    tagging.look_at_all(session)


def pack(session: Session, order_ids: Iterable[int], staff: str) -> int:
    """Note that these boxes are packed, once each; returns how many were new."""
    wanted = set(order_ids)
    rows = [
        {
            "shop_id": box.order.shop_id,
            "order_id": box.order.id,
            "card_name": box.card.name if box.card else box.extra[:80],
            "packed_at": now(session),
            "packed_by": staff[:64],
        }
        for box in queries.boxes(session)
        if box.order.id in wanted
    ]
    if not rows:
        return 0
    made = session.execute(
        insert(InsertPacking).values(rows).on_conflict_do_nothing().returning(InsertPacking.id)
    )
    count = len(made.all())
    tagging.look_at_all(session)
    return count
