"""Surveys: questions and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import tenant_table

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "survey_questions",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_survey_questions_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_survey_questions")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_survey_questions_shop_id_key")),
    )
    tenant_table("survey_questions")
    op.create_table(
        "survey_answers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("question_key", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column(
            "answered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_survey_answers_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_survey_answers")),
        sa.UniqueConstraint(
            "shop_id",
            "order_id",
            "question_key",
            name=op.f("uq_survey_answers_shop_id_order_id_question_key"),
        ),
    )
    op.create_index(
        op.f("ix_survey_answers_shop_id_question_key_answer"),
        "survey_answers",
        ["shop_id", "question_key", "answer"],
    )
    tenant_table("survey_answers")


def downgrade() -> None:
    op.drop_table("survey_answers")
    op.drop_table("survey_questions")
