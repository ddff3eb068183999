"""Guides: a text about one product or a collection, with a picture and a video."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

OLD = op.f("uq_guides_shop_id_topic_product_type_locale")
NEW = "uq_guides_about"
KEY = ["shop_id", "topic", "product_type", "collection", "product_shopify_id", "locale"]


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), server_default="", nullable=False)


def upgrade() -> None:
    op.add_column("guides", _text("collection", 255))
    op.add_column(
        "guides",
        sa.Column("product_shopify_id", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("guides", _text("image_url"))
    op.add_column("guides", _text("image_alt", 255))
    op.add_column("guides", _text("video_url", 255))
    op.drop_constraint(OLD, "guides", type_="unique")
    op.create_unique_constraint(NEW, "guides", KEY)


def downgrade() -> None:
    op.execute("DELETE FROM guides WHERE collection <> '' OR product_shopify_id <> 0")
    op.drop_constraint(NEW, "guides", type_="unique")
    op.create_unique_constraint(OLD, "guides", ["shop_id", "topic", "product_type", "locale"])
    for name in ("video_url", "image_alt", "image_url", "product_shopify_id", "collection"):
        op.drop_column("guides", name)
