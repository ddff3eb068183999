"""Mirror: how an order is paid, at the door or after a wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    for name in ("paid_on_delivery", "awaited_payment"):
        column = sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
        op.add_column("orders", column)
    op.execute(
        "UPDATE orders SET awaited_payment = true"
        " WHERE financial_status IN ('pending', 'partially_paid')"
    )


def downgrade() -> None:
    for name in ("awaited_payment", "paid_on_delivery"):
        op.drop_column("orders", name)
