"""Messages: whether each could tell of opens and clicks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

COLUMNS = ("counts_opens", "counts_clicks")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column(
            "messages",
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("messages", name)
