"""Reads of questions and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, String, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.core.together import Question, Rows
from app.mirror.model import Order
from app.surveys import rules
from app.surveys.model import SurveyAnswer, SurveyQuestion
from app.surveys.rules import MAILED as MAILED
from app.surveys.rules import Wording as Wording

#: The question and the answer that make an order one for somebody else.
GIFT = ("gift", "yes")


class Row(NamedTuple):
    """One answer as it is exported."""

    order: str
    question: str
    answer: str
    words: str
    at: datetime


def questions(session: Session, *, active: bool = False) -> list[SurveyQuestion]:
    """The shop's questions in their order; with `active` only those that the page asks now."""
    rows = select(SurveyQuestion).order_by(SurveyQuestion.position, SurveyQuestion.id)
    if active:
        rows = rows.where(SurveyQuestion.active, SurveyQuestion.key.not_in(MAILED))
    return list(session.scalars(rows))


def asked(session: Session, order_id: int) -> tuple[list[SurveyQuestion], bool]:
    """The questions that the page asks now, and whether any was answered about an order: in one
    statement."""
    return asked_of(ASKED.ask(session, {"order": order_id}))


def asked_of(rows: Rows) -> tuple[list[SurveyQuestion], bool]:
    """What the answer to `ASKED` says."""
    return [row[0] for row in rows], any(row[1] for row in rows)


ASKED = Question(
    select(
        SurveyQuestion,
        exists()
        .where(
            SurveyAnswer.shop_id == SurveyQuestion.shop_id,
            SurveyAnswer.order_id == bindparam("order", type_=BigInteger),
            SurveyAnswer.question_key.not_in(MAILED),
        )
        .label("answered"),
    ).where(SurveyQuestion.active, SurveyQuestion.key.not_in(MAILED)),
    SurveyQuestion.position,
    SurveyQuestion.id,
)


def wording(question: SurveyQuestion, locale: str) -> Wording:
    """A question's words in a language."""
    kept = question.texts[choose_locale(locale)]
    return Wording(
        kept["question"],
        [(value, label) for value, label in kept["options"]],
        [(value, label) for value, label in kept.get("gone", ())],
    )


def texts(session: Session, key: str) -> dict[str, Wording]:
    """A question's words in every language, as the shop asks it or as we bring it along. Raises
    `NotFound`."""
    found = session.scalars(select(SurveyQuestion).where(SurveyQuestion.key == key)).one_or_none()
    if found is not None:
        return {one: wording(found, one) for one in rules.LANGUAGES}
    return {one: shipped(key, one) for one in rules.LANGUAGES}


def shipped(key: str, locale: str) -> Wording:
    """The words that a question of a message has before the merchant touches it."""
    draft = rules.brought(key)
    if draft is None:
        raise NotFound
    return draft.texts[choose_locale(locale)]


def mailed(session: Session, key: str, locale: str) -> Wording | None:
    """The words of a question that a message asks; None once the merchant has put it away."""
    found = session.scalars(select(SurveyQuestion).where(SurveyQuestion.key == key)).one_or_none()
    if found is None:
        return shipped(key, locale)
    return wording(found, locale) if found.active else None


def words(session: Session, locale: str) -> dict[str, Wording]:
    """The words of every question there is, by key, whether it is asked now or not."""
    own = {one.key: wording(one, locale) for one in questions(session)}
    return own | {key: shipped(key, locale) for key in sorted(MAILED - own.keys())}


def answer_of(session: Session, order_id: int, key: str) -> SurveyAnswer | None:
    """What was answered to one question about an order."""
    return session.scalars(
        select(SurveyAnswer).where(
            SurveyAnswer.order_id == order_id, SurveyAnswer.question_key == key
        )
    ).one_or_none()


def answers_of(session: Session, order_id: int, *, words: bool = False) -> dict[str, str]:
    """What was answered about an order, by question; with `words` what was written beside it, too,
    under `<question>.words`."""
    rows = session.scalars(select(SurveyAnswer).where(SurveyAnswer.order_id == order_id)).all()
    beside = {f"{row.question_key}.words": row.words for row in rows if words and row.words}
    return {row.question_key: row.answer for row in rows} | beside


def answers_at(session: Session, order_id: int, moment: datetime, locale: str) -> list[str]:
    """The answers about an order that were given at this moment and still stand, in words, each
    with its question and followed by what was written beside it."""
    rows = session.scalars(
        select(SurveyAnswer)
        .where(SurveyAnswer.order_id == order_id, SurveyAnswer.answered_at == moment)
        .order_by(SurveyAnswer.id)
    ).all()
    known, told = words(session, locale) if rows else {}, []
    for row in rows:
        question = known[row.question_key]
        label = question.labels.get(row.answer, row.answer)
        told += [f"{question.question} {label}", *filter(None, [row.words])]
    return told


def said(session: Session, order_id: int, question: str, answer: str) -> bool:
    """Whether a question about an order was answered so."""
    return answers_of(session, order_id).get(question) == answer


#: What was answered so about an order.
ANSWERED = Question(
    select(SurveyAnswer.id).where(
        SurveyAnswer.order_id == bindparam("order", type_=BigInteger),
        SurveyAnswer.question_key == bindparam("question", type_=String),
        SurveyAnswer.answer == bindparam("answer", type_=String),
    ),
    SurveyAnswer.id,
)


def answered(session: Session, order_ids: Collection[int], question: str, answer: str) -> set[int]:
    """Which of these orders a question was answered so about."""
    return set(
        session.scalars(
            select(SurveyAnswer.order_id).where(
                SurveyAnswer.order_id.in_(order_ids),
                SurveyAnswer.question_key == question,
                SurveyAnswer.answer == answer,
            )
        )
    )


def counts(session: Session, key: str) -> dict[str, int]:
    """How often each answer was given to a question, the most frequent first."""
    often = func.count().label("often")
    rows = session.execute(
        select(SurveyAnswer.answer, often)
        .where(SurveyAnswer.question_key == key)
        .group_by(SurveyAnswer.answer)
        .order_by(often.desc(), SurveyAnswer.answer)
        .limit(100)
    )
    return {row.answer: row.often for row in rows}


def latest_words(session: Session, key: str) -> list[tuple[str, str]]:
    """The answers beside which somebody wrote something, with it, newest first."""
    rows = session.execute(
        select(SurveyAnswer.answer, SurveyAnswer.words)
        .where(SurveyAnswer.question_key == key, SurveyAnswer.words != "")
        .order_by(SurveyAnswer.answered_at.desc(), SurveyAnswer.id.desc())
        .limit(10)
    )
    return [(row.answer, row.words) for row in rows]


def export(session: Session, locale: str) -> Iterator[Row]:
    """Every answer with its question in words, oldest first."""
    known = words(session, locale)
    rows = session.execute(
        select(SurveyAnswer, Order.name)
        .join(Order, (Order.shop_id == SurveyAnswer.shop_id) & (Order.id == SurveyAnswer.order_id))
        .order_by(SurveyAnswer.id)
        .execution_options(yield_per=500)
    )
    for answer, name in rows:
        said = known.get(answer.question_key)
        labels = said.labels if said else {}
        yield Row(
            name,
            said.question if said else answer.question_key,
            labels.get(answer.answer, answer.answer),
            answer.words,
            answer.answered_at,
        )
