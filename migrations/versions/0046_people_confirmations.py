"""A consent that waits says whether the mail that asks for it went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.add_column(
        "consent_requests", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute("UPDATE consent_requests SET mailed_at = asked_at")


def downgrade() -> None:
    op.drop_column("consent_requests", "mailed_at")
