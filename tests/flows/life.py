"""A shop's life as Shopify tells it: webhooks come in at the door, business time goes on, and what
an order gave its customer is read where a developer reads it (`okaeri journeys calendar`)."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine

from app.cli.journeys import journeys as command
from app.core import clock
from app.journeys import service as journeys
from tests import make
from tests.mirror import said

TOKYO = ZoneInfo("Asia/Tokyo")
#: A Tuesday morning, far from holidays: what a calendar says does not depend on when it is asked.
START = datetime(2027, 6, 8, 10, 0, tzinfo=TOKYO)
DAY = timedelta(days=1)
ENDED = ("sent", "delivered", "closed")

_ids = count(90_001)


class Life:
    """One shop, one customer, and the days."""

    def __init__(self, app: Flask, owner: Engine, shop: make.MadeShop) -> None:
        self.app, self.owner, self.shop = app, owner, shop
        self.began: dict[str, date] = {}
        clock.shift_to(owner, START)

    # --- what the merchant does -------------------------------------------------------------

    def switch_on(self, *more: str) -> None:
        """The recommended journeys, and these."""
        with self.shop.work() as session:
            journeys.switch_on_recommended(session)
            for key in more:
                journeys.switch_on(session, key)

    def sell(self, number: int, title: str, product_type: str, **given: Any) -> None:
        """A product comes into the shop's catalogue."""
        body = said.product(id=number, title=title, product_type=product_type, tags="", **given)
        body["variants"][0]["id"] = number + 1000
        body["updated_at"] = self.stamp()
        said.tell(self.app, ("products/update", body))

    # --- what happens to an order -----------------------------------------------------------

    def buy(self, *products: tuple[int, str], nth: int = 1, **given: Any) -> dict[str, Any]:
        """An order of one of each of these products, paid by card, of a subscriber."""
        number = next(_ids)
        stamp = self.stamp()
        values: dict[str, Any] = {
            "id": number,
            "name": f"#{number}",
            "financial_status": "paid",
            "line_items": [
                said.line(id=next(_ids), product_id=one, variant_id=one + 1000, title=title)
                for one, title in products
            ],
            "customer": self._customer(nth),
            "note_attributes": [],
            "discount_codes": [],
            "created_at": stamp,
            "processed_at": stamp,
            "updated_at": stamp,
        }
        body = said.order(**values | given)
        self.began[body["name"]] = self.today()
        said.tell(self.app, ("orders/create", body), *self._paid(body))
        return body

    def pay(self, order: dict[str, Any]) -> None:
        """The convenience store takes the money."""
        order.update(financial_status="paid", updated_at=self.stamp())
        said.tell(self.app, ("orders/paid", order), ("orders/updated", order))

    def ship(self, order: dict[str, Any], *lines: int) -> dict[str, Any]:
        """Hand over these lines (all of them by default) as one parcel."""
        chosen = [order["line_items"][place] for place in lines] or order["line_items"]
        stamp = self.stamp()
        sent = said.fulfillment(
            id=next(_ids),
            order_id=order["id"],
            name=f"{order['name']}.{len(order['fulfillments']) + 1}",
            created_at=stamp,
            updated_at=stamp,
            line_items=[{"id": line["id"], "quantity": line["quantity"]} for line in chosen],
        )
        order["fulfillments"].append(sent)
        said.tell(self.app, ("fulfillments/create", sent))
        return sent

    def scan(self, parcel: dict[str, Any], status: str) -> None:
        """The carrier scans a parcel."""
        event = said.scan(
            id=next(_ids),
            fulfillment_id=parcel["id"],
            order_id=parcel["order_id"],
            status=status,
            happened_at=self.stamp(),
        )
        said.tell(self.app, ("fulfillment_events/create", event))

    def deliver(self, order: dict[str, Any]) -> None:
        """Shipped the next day, out for delivery and delivered the day after that."""
        self.go_on(DAY)
        self.arrive(self.ship(order))

    def arrive(self, parcel: dict[str, Any]) -> None:
        """Out for delivery the next morning, delivered at noon."""
        self.go_on(DAY)
        self.scan(parcel, "out_for_delivery")
        self.go_on(timedelta(hours=3))
        self.scan(parcel, "delivered")

    def refund(self, order: dict[str, Any], *lines: int) -> None:
        """Money goes back for these lines; for all of them by default."""
        chosen = [order["line_items"][place] for place in lines] or order["line_items"]
        whole = len(chosen) == len(order["line_items"])
        for line in chosen:
            line["current_quantity"] = 0
        given = said.REFUND | {
            "id": next(_ids),
            "order_id": order["id"],
            "created_at": self.stamp(),
            "refund_line_items": [
                {"line_item_id": line["id"], "quantity": line["quantity"]} for line in chosen
            ],
        }
        order["refunds"].append(given)
        order["financial_status"] = "refunded" if whole else "partially_refunded"
        order["updated_at"] = self.stamp()
        said.tell(self.app, ("refunds/create", given), ("orders/updated", order))

    def _customer(self, nth: int) -> dict[str, Any]:
        """Taro with his n-th order, who ticked the marketing box."""
        consent = {
            "state": "subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": self.stamp(),
        }
        return said.customer(
            orders_count=nth, updated_at=self.stamp(), email_marketing_consent=consent
        )

    @staticmethod
    def _paid(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [("orders/paid", body)] if body["financial_status"] == "paid" else []

    # --- time -------------------------------------------------------------------------------

    def go_on(self, span: timedelta) -> None:
        """Business time goes on, from due moment to due moment."""
        make.travel(self.owner, self.app, span)

    def until_day(self, order: dict[str, Any], day: int) -> None:
        """On to the morning of an order's n-th day."""
        morning = datetime.combine(self.began[order["name"]], START.timetz()) + day * DAY
        self.go_on(morning - clock.business_now(self.owner))

    def today(self) -> date:
        """The date in the shop's zone."""
        return clock.business_now(self.owner).astimezone(TOKYO).date()

    def stamp(self) -> str:
        """Now, as Shopify writes it."""
        return clock.business_now(self.owner).astimezone(TOKYO).isoformat(timespec="seconds")

    # --- what came of it --------------------------------------------------------------------

    def calendar(self, order: dict[str, Any]) -> dict[int, list[str]]:
        """What this order gave its customer by day after the order: message kinds; those that did
        not go out with the reason (`review: no_consent`)."""
        found: dict[int, list[str]] = defaultdict(list)
        for day in self._told(order):
            for item in day["items"]:
                if "message_state" in item and item["at"]:
                    at = datetime.fromisoformat(item["at"]).astimezone(TOKYO).date()
                    found[(at - self.began[order["name"]]).days].append(_short(item))
        # Within a day the arbiter may place them either way round.
        return {day: sorted(what) for day, what in sorted(found.items())}

    def _told(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        asked = ["calendar", "--shop", self.shop.domain, "--order", order["name"], "--json"]
        result = CliRunner().invoke(command, asked)
        assert result.exit_code == 0, result.output
        days: list[dict[str, Any]] = json.loads(result.output)
        return days


def _short(item: dict[str, Any]) -> str:
    if item["message_state"] in ENDED:
        return str(item["kind"])
    return f"{item['kind']}: {item['reason'] or item['message_state']}"
