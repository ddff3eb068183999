"""Surprises: the code of who won free shipping."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.add_column("surprise_wins", sa.Column("code", sa.String(length=32), nullable=True))
    op.add_column(
        "surprise_wins", sa.Column("code_ends_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("surprise_wins", sa.Column("discount", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("surprise_wins", "discount")
    op.drop_column("surprise_wins", "code_ends_at")
    op.drop_column("surprise_wins", "code")
