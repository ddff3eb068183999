"""What the room keeps: what orders taught, and what the merchant picked."""

from __future__ import annotations

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.mirror import queries as mirror
from app.mirror.events import OrdersImported
from app.recommendations import learning
from app.recommendations.model import RecommendationPair, RecommendationPick
from app.recommendations.sources import EVERYTHING


def learn(session: Session) -> int:
    """Replace what is known of what goes together by what the orders say now; returns how many
    pairs that is."""
    rows = learning.learn(session)
    session.execute(delete(RecommendationPair))
    if rows:
        session.execute(insert(RecommendationPair), rows)
    return len(rows)


def on_orders_imported(session: Session, _event: OrdersImported) -> None:
    """The past is in: do not wait for the night."""
    learn(session)


def pick(session: Session, picked: int, beside: int = EVERYTHING) -> None:
    """Keep a merchant's pick; raises `Invalid` for what the shop does not sell, or a product
    beside itself."""
    known = mirror.product_by_shopify_id(session, picked)
    base = mirror.product_by_shopify_id(session, beside) if beside else None
    if known is None or known.deleted_at is not None or (beside and base is None):
        raise Invalid({"picked": _("Choose a product from the list.")})
    if picked == beside:
        raise Invalid({"picked": _("Choose a product other than the one it is shown with.")})
    session.execute(
        upsert(RecommendationPick)
        .values(
            shop_id=session.info["shop_id"],
            product_shopify_id=beside,
            picked_shopify_id=picked,
            created_at=now(session),
        )
        .on_conflict_do_nothing()
    )


def unpick(session: Session, pick_id: int) -> None:
    """Forget a pick; one that is gone already is no error."""
    session.execute(delete(RecommendationPick).where(RecommendationPick.id == pick_id))
