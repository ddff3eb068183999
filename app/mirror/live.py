"""Stock, asked of Shopify at the moment of the click (rules.md TM-6): our copy may be older."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy.orm import Session

from app.core.db import network_apart
from app.core.errors import GiveUp, TryLater
from app.shopify import stock
from app.shops import tokens

log = structlog.get_logger(__name__)

#: A person has clicked and waits: Shopify gets so many seconds.
PATIENCE_S = 1.5


def sold_out(session: Session, wanted: Mapping[int, int]) -> set[int]:
    """Those of the variants (Shopify's id → how many) that Shopify would not sell now. Empty, too,
    when it does not say in time: then our copy's word stands, nothing is claimed about stock, and
    Shopify's checkout, which counts for itself, has the last word. Network: the session's
    transaction is ended before, and a new one begun after."""
    shop_id = int(session.info["shop_id"])
    with network_apart(session):
        try:
            client = tokens.client(shop_id, patience_s=PATIENCE_S)
            return stock.sold_out(client, wanted) if wanted else set()
        except (GiveUp, TryLater) as error:
            log.warning("stock_not_asked", shop_id=shop_id, reason=str(error))
            return set()
