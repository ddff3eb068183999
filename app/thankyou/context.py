"""What everything on one page is drawn from, read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from sqlalchemy.orm import Session

from app.addresses import queries as addresses
from app.consent import queries as consent
from app.core.together import Rows, Together
from app.experiments import queries as experiments
from app.journeys import library
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order, OrderLine, Product
from app.parcels import cases, expectations
from app.parcels.expectations import Outlook
from app.replenishment import wishes
from app.replenishment.model import ReminderWish
from app.shops import service as shops
from app.shops.model import Shop
from app.surveys import queries as surveys
from app.surveys.model import SurveyQuestion

#: The thank-you and the order status page are one page to an experiment.
PAGE = "thank_you"


@dataclass(frozen=True)
class Context:
    """A page whose order is known. Without a customer the buyer is a guest; `found` is what the
    database said, by question."""

    session: Session
    shop: Shop
    order: Order
    customer: Customer | None
    found: Mapping[str, Rows]

    @cached_property
    def bought(self) -> mirror.Bought:
        """The order's lines, and their products by Shopify's number."""
        return mirror.bought_of(self.found["bought"])

    @property
    def lines(self) -> list[OrderLine]:
        """The order's lines."""
        return self.bought[0]

    @property
    def products(self) -> dict[int, Product]:
        """What was bought, by Shopify's number."""
        return self.bought[1]

    @property
    def place(self) -> experiments.Place:
        """Where the buyer stands in the page's experiment."""
        return experiments.place_of(self.found["place"])

    @cached_property
    def outlook(self) -> Outlook:
        """What can be said of the order's way."""
        return expectations.outlook_of(
            self.session, self.order, self.found["way"], self.found["lanes"]
        )

    @property
    def ships(self) -> bool:
        """Whether anything of it comes by a carrier."""
        return mirror.needs_shipping(self.lines)

    @property
    def arrived(self) -> bool:
        """Whether everything that was sent is there."""
        sent = self.outlook.parcels
        return bool(sent) and all(one.state == "delivered" for one in sent)

    @property
    def partly(self) -> bool:
        """Whether some of it is still with the shop while the rest has left."""
        return bool(self.outlook.parcels) and self.order.fulfillment_status == "partial"

    @cached_property
    def missed(self) -> dict[int, date]:
        """Which parcels their buyer misses, though they count as delivered, and since when."""
        return cases.missed(self.session, self.outlook.parcels)

    @property
    def done(self) -> bool:
        """Whether no more news of its way is to come."""
        return self.order.cancelled_at is not None or (self.arrived and not self.partly)

    @cached_property
    def known(self) -> consent.Known | None:
        """What the buyer said and where they are reached; None for a guest."""
        return consent.known_of(self.found["said"], self.customer) if self.customer else None

    @property
    def asked(self) -> tuple[list[SurveyQuestion], bool]:
        """The shop's questions, and whether any was answered about this order."""
        return surveys.asked_of(self.found["survey"])

    @property
    def wishes(self) -> dict[int, ReminderWish]:
        """The days chosen for lines, by line."""
        return {row[0].line_id: row[0] for row in self.found["wishes"]}

    @property
    def address(self) -> addresses.Around:
        """What stands around the order's address."""
        return addresses.around_of(self.found["address"], self.lines)

    @property
    def on_line(self) -> bool:
        """Whether the buyer has linked their LINE."""
        return self.known is not None and "line" in self.known.addresses


def load(session: Session, order: Order, customer: Customer | None) -> Context:
    """The context of an order's page, in one statement."""
    given = {
        "on": PAGE,
        "who": experiments.person_of(order),
        **expectations.named(session, order),
        **(consent.named(customer) if customer else consent.NOBODY),
    }
    return Context(session, shops.shop(session), order, customer, _page().ask(session, given))


@cache
def _page() -> Together:
    return Together(
        bought=mirror.BOUGHT,
        place=experiments.standing(),
        way=expectations.knowing(),
        lanes=expectations.LANES,
        said=consent.knowing(),
        survey=surveys.ASKED,
        wishes=wishes.WISHES,
        address=addresses.AROUND,
        journeys=library.SWITCHED_ON,
    )
