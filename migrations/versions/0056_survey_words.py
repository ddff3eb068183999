"""Answers keep what was written beside them, and the message and the run that asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.add_column(
        "survey_answers",
        sa.Column("words", sa.String(length=1000), nullable=False, server_default=""),
    )
    op.alter_column("survey_answers", "words", server_default=None)
    op.add_column("survey_answers", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("survey_answers", sa.Column("run_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("survey_answers", "run_id")
    op.drop_column("survey_answers", "message_id")
    op.drop_column("survey_answers", "words")
