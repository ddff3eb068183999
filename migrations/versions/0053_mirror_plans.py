"""Mirror: the selling plans that lines were bought with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("plan_name", sa.String(), nullable=True))
    op.add_column("order_lines", sa.Column("plan_kind", sa.String(length=24), nullable=True))
    op.add_column("order_lines", sa.Column("plan_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("plan_days", "plan_kind", "plan_name"):
        op.drop_column("order_lines", name)
