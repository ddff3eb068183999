"""Messages: an index by shop, so that a flood of one shop's is passed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_index(
        "ix_messages_due_by_shop",
        "messages",
        ["shop_id", "lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_due_by_shop", table_name="messages")
