"""Ask, and keep what was answered: the only writer of this room's tables."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.locale import gettext as _
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.surveys import queries, rules
from app.surveys.events import SurveyAnswered
from app.surveys.model import SurveyAnswer, SurveyQuestion
from app.surveys.rules import Draft, Wording


class Asked(NamedTuple):
    """By what somebody was asked."""

    message_id: int | None
    run_id: int | None


def answer(session: Session, order_id: int, given: dict[str, str]) -> None:
    """Keep what a person answered about an order, and announce `SurveyAnswered`; the first answer
    to a question stands. Raises `Invalid` for an answer that is none of a question's."""
    fresh = False
    for question in queries.questions(session, active=True):
        text = given.get(question.key, "").strip()
        if not text:
            continue
        if not rules.fits(question.kind, queries.wording(question, "ja").options, text):
            raise Invalid({question.key: _("Choose one of the answers.")})
        kept = session.execute(
            insert(SurveyAnswer)
            .values(
                shop_id=session.info["shop_id"],
                order_id=order_id,
                question_key=question.key,
                answer=text,
                answered_at=now(session),
            )
            .on_conflict_do_nothing(index_elements=["shop_id", "order_id", "question_key"])
            .returning(SurveyAnswer.id)
        ).first()
        fresh = fresh or kept is not None
    if fresh:
        _announce(session, order_id)


def tell(session: Session, order_id: int, key: str, given: str, words: str, by: Asked) -> None:
    """Keep what somebody answered to a message's question, and announce `SurveyAnswered`; a later
    answer takes the place of the earlier one. Raises `Invalid` with a sentence a field."""
    errors, words = {}, words.replace("\r\n", "\n").strip()
    if not rules.fits("choice", queries.words(session, "ja")[key].options, given):
        errors["answer"] = _("Choose one of the answers.")
    if len(words) > rules.LONGEST_WORDS:
        errors["words"] = _(
            "Please use no more than %(count)s characters.", count=rules.LONGEST_WORDS
        )
    if errors:
        raise Invalid(errors)
    said = {"answer": given, "words": words, "answered_at": now(session), **by._asdict()}
    same = (SurveyAnswer.answer == given) & (SurveyAnswer.words == words)
    changed = session.execute(
        insert(SurveyAnswer)
        .values(shop_id=session.info["shop_id"], order_id=order_id, question_key=key, **said)
        .on_conflict_do_update(
            index_elements=["shop_id", "order_id", "question_key"], set_=said, where=~same
        )
        .returning(SurveyAnswer.id)
    ).first()
    if changed:
        _announce(session, order_id)


def _announce(session: Session, order_id: int) -> None:
    buyer = mirror.order(session, order_id).customer_id
    moment = now(session)
    record(session, SurveyAnswered(occurred_at=moment, order_id=order_id, customer_id=buyer))


def add(session: Session, draft: Draft, *, active: bool = True) -> SurveyQuestion:
    """Keep a new question, asked from now on; raises `Invalid` when enough are asked already."""
    if active and draft.key not in rules.MAILED:
        _room_for_one_more(session)
    last = session.execute(select(func.max(SurveyQuestion.position))).scalar_one() or 0
    question = SurveyQuestion(
        shop_id=session.info["shop_id"],
        key=draft.key,
        kind=draft.kind,
        position=last + 1,
        active=active,
        texts=msgspec.to_builtins(draft.texts),
        created_at=now(session),
    )
    session.add(question)
    session.flush()
    return question


def add_own(session: Session, form: dict[str, str]) -> SurveyQuestion:
    """Keep a question of the merchant's own."""
    count = session.execute(select(func.count()).select_from(SurveyQuestion)).scalar_one()
    return add(session, rules.read_question(form, f"own-{count + 1}"))


def switch(session: Session, key: str, *, on: bool) -> None:
    """Ask a question, or put it away; one we bring along is made when it is first asked, a
    message's when it is first put away. Raises `NotFound`."""
    found = session.scalars(
        select(SurveyQuestion).where(SurveyQuestion.key == key).with_for_update()
    ).one_or_none()
    if found is None:
        preset = rules.brought(key)
        if preset is None or not (on or key in rules.MAILED):
            raise NotFound
        add(session, preset, active=on)
        return
    if on and not found.active and key not in rules.MAILED:
        _room_for_one_more(session)
    found.active = on


def reword(session: Session, key: str, form: dict[str, str]) -> None:
    """Ask a question in the merchant's words. Raises `Invalid` with a sentence a field, and
    `NotFound`."""
    _put_words(session, key, rules.read_words(form, key, queries.texts(session, key)))


def word_as_shipped(session: Session, key: str) -> None:
    """Ask a question that we bring along in our words again. Raises `NotFound`."""
    kept, preset = queries.texts(session, key), rules.brought(key)
    if preset is None:
        raise NotFound
    texts = {}
    for language, ours in preset.texts.items():
        stay = dict(ours.options)
        gone = [pair for pair in kept[language].labels.items() if pair[0] not in stay]
        texts[language] = Wording(ours.question, ours.options, gone)
    _put_words(session, key, texts)


def _put_words(session: Session, key: str, texts: dict[str, Wording]) -> None:
    found = session.scalars(
        select(SurveyQuestion).where(SurveyQuestion.key == key).with_for_update()
    ).one_or_none()
    preset = rules.brought(key)
    if found is None and preset is not None:
        found = add(session, preset, active=key in rules.MAILED)
    if found is None:
        raise NotFound
    found.texts = msgspec.to_builtins(texts)


def _room_for_one_more(session: Session) -> None:
    if len(queries.questions(session, active=True)) >= rules.MOST_ACTIVE:
        raise Invalid(
            {"questions": _("Ask at most %(most)s questions at once.", most=rules.MOST_ACTIVE)}
        )


def erase_person(session: Session, customer: Customer) -> int:
    """Forget what a customer answered; returns how many answers."""
    orders = [order.id for order in mirror.orders_of(session, customer.id)]
    gone = session.execute(
        delete(SurveyAnswer).where(SurveyAnswer.order_id.in_(orders)).returning(SurveyAnswer.id)
    )
    return len(gone.all())


def export_person(session: Session, customer: Customer) -> dict[str, Any]:
    """What a customer answered, by order; what was written beside it under `<question>.words`."""
    found = {
        order.name: queries.answers_of(session, order.id, words=True)
        for order in mirror.orders_of(session, customer.id)
    }
    return {name: answers for name, answers in found.items() if answers}
