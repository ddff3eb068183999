"""Orders keep the company they are billed to, and whether a company bought them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    op.add_column("orders", sa.Column("billing_company", sa.String(), nullable=True))
    op.add_column(
        "orders",
        sa.Column("for_company", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )


def downgrade() -> None:
    op.drop_column("orders", "for_company")
    op.drop_column("orders", "billing_company")
