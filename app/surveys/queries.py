"""Reads of questions and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.core.locale import choose_locale
from app.core.together import Question, Rows
from app.mirror.model import Order
from app.surveys.model import SurveyAnswer, SurveyQuestion
from app.surveys.rules import Wording

#: The question and the answer that make an order one for somebody else.
GIFT = ("gift", "yes")


class Row(NamedTuple):
    """One answer as it is exported."""

    order: str
    question: str
    answer: str
    at: datetime


def questions(session: Session, *, active: bool = False) -> list[SurveyQuestion]:
    """The shop's questions in their order; only those that are asked now with `active`."""
    rows = select(SurveyQuestion).order_by(SurveyQuestion.position, SurveyQuestion.id)
    if active:
        rows = rows.where(SurveyQuestion.active)
    return list(session.scalars(rows))


def asked(session: Session, order_id: int) -> tuple[list[SurveyQuestion], bool]:
    """The questions that are asked now, and whether any was answered about an order: in one
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
        )
        .label("answered"),
    ).where(SurveyQuestion.active),
    SurveyQuestion.position,
    SurveyQuestion.id,
)


def wording(question: SurveyQuestion, locale: str) -> Wording:
    """A question's words in a language."""
    kept = question.texts[choose_locale(locale)]
    return Wording(kept["question"], [(value, label) for value, label in kept["options"]])


def answers_of(session: Session, order_id: int) -> dict[str, str]:
    """What was answered about an order, by question."""
    rows = session.scalars(select(SurveyAnswer).where(SurveyAnswer.order_id == order_id))
    return {row.question_key: row.answer for row in rows}


def said(session: Session, order_id: int, question: str, answer: str) -> bool:
    """Whether a question about an order was answered so."""
    return answers_of(session, order_id).get(question) == answer


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


def export(session: Session, locale: str) -> Iterator[Row]:
    """Every answer with its question in words, oldest first."""
    known = {one.key: wording(one, locale) for one in questions(session)}
    rows = session.execute(
        select(SurveyAnswer, Order.name)
        .join(Order, (Order.shop_id == SurveyAnswer.shop_id) & (Order.id == SurveyAnswer.order_id))
        .order_by(SurveyAnswer.id)
        .execution_options(yield_per=500)
    )
    for answer, name in rows:
        words = known.get(answer.question_key)
        labels = dict(words.options) if words else {}
        yield Row(
            name,
            words.question if words else answer.question_key,
            labels.get(answer.answer, answer.answer),
            answer.answered_at,
        )
