"""LINE: a shop's word on notification messages, and the ones that nobody has confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("line_accounts", sa.Column("notices", postgresql.JSONB(), nullable=True))
    op.create_index(
        "ix_messages_unconfirmed",
        "messages",
        ["shop_id", "sent_at"],
        postgresql_where=sa.text("channel = 'line_notice' AND state IN ('sent', 'in_doubt')"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_unconfirmed", table_name="messages")
    op.drop_column("line_accounts", "notices")
