"""What messages about an order would lack."""

from __future__ import annotations

from collections.abc import Callable

from app.journeys.history.order import History
from app.journeys.means import GIVEN, Goods, Offered
from app.messages.kinds import Kind
from app.mirror.model import OrderLine


def lacking(history: History, line: OrderLine | None, kind: Kind) -> str | None:
    """What a message of a kind about this order, or this line of it, would lack when it leaves."""
    return None if kind.needs <= GIVEN else _asked_about(history, line)(kind)


def _asked_about(history: History, line: OrderLine | None) -> Callable[[Kind], str | None]:
    """Asks what a kind lacks. Nobody looks twice at what many people put in their carts."""
    shelf, number = history.shelf, line.product_shopify_id if line is not None else 0
    lasts = line is not None and shelf.lasts(line) is not None
    asked = (history.basket, history.language, line is None, number, lasts)
    if asked not in shelf.asked:
        shelf.asked[asked] = shelf.means.asked_about(_offered(history, line))
    return shelf.asked[asked]


def _offered(history: History, line: OrderLine | None) -> Offered:
    """What a message about this order, or this line of it, speaks of."""
    shelf = history.shelf
    kept = [one for one in history.lines if one.current_quantity > 0]
    lead = shelf.product(line or (kept[0] if kept else None))
    bought = [one for each in history.lines if (one := shelf.product(each))]
    about = bought if line is None else [one for one in bought if one is lead]
    return Offered(
        products=tuple(dict.fromkeys(Goods(o.shopify_id, o.product_type, o.vendor) for o in about)),
        types=tuple(dict.fromkeys(o.product_type for o in [lead, *bought] if o is not None)),
        language=history.language,
        run_out=line is not None and shelf.lasts(line) is not None,
    )
