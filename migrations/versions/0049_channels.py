"""Channels: the ways out that are left alone for a while, as all processes know them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "channel_rests",
        sa.Column("road", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("road", name=op.f("pk_channel_rests")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON channel_rests TO okaeri_dispatch")


def downgrade() -> None:
    op.drop_table("channel_rests")
