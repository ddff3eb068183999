"""Tables of the surveys room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class SurveyQuestion(ShopRow, Base):
    """One question. `kind` is choice or text; `texts` holds, by language, the question and its
    options as `[value, label]` pairs. A question that was answered is put away, never deleted: its
    answers stay readable."""

    __tablename__ = "survey_questions"
    key: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    active: Mapped[bool]
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (UniqueConstraint("shop_id", "key"),)


class SurveyAnswer(ShopRow, Base):
    """What was answered about one order, once a question. `answer` is an option's value, or the
    words of a person; `words` what they wrote beside an option. `message_id` and `run_id` are those
    of the message that asked, if one did."""

    __tablename__ = "survey_answers"
    order_id: Mapped[int] = mapped_column(BigInteger)
    question_key: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str] = mapped_column(String(500))
    words: Mapped[str] = mapped_column(String(1000), default="")
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "order_id", "question_key"),
        Index(None, "shop_id", "question_key", "answer"),
    )
