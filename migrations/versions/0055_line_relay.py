"""LINE: who receives the account's webhook, and whom we hand it on to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    # An account that is connected receives its own: that is what connecting did so far.
    op.add_column(
        "line_accounts",
        sa.Column("webhook_by", sa.String(length=8), nullable=False, server_default="us"),
    )
    op.alter_column("line_accounts", "webhook_by", server_default=None)
    op.add_column("line_accounts", sa.Column("forward_url", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("line_accounts", "forward_url")
    op.drop_column("line_accounts", "webhook_by")
