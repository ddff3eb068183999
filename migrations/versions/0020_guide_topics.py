"""Guides: a text belongs to a topic (start guide, story, the weeks of a course …)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OLD = op.f("uq_guides_shop_id_product_type_locale")
NEW = op.f("uq_guides_shop_id_topic_product_type_locale")


def upgrade() -> None:
    op.add_column(
        "guides", sa.Column("topic", sa.String(length=16), server_default="start", nullable=False)
    )
    op.drop_constraint(OLD, "guides", type_="unique")
    op.create_unique_constraint(NEW, "guides", ["shop_id", "topic", "product_type", "locale"])


def downgrade() -> None:
    op.execute("DELETE FROM guides WHERE topic <> 'start'")
    op.drop_constraint(NEW, "guides", type_="unique")
    op.create_unique_constraint(OLD, "guides", ["shop_id", "product_type", "locale"])
    op.drop_column("guides", "topic")
