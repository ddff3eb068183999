"""The words a definition may use: moments, conditions, and what may be missing."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

#: Moments a step may count from. `received` is the delivery of goods, and the payment where
#: nothing is shipped.
ANCHORS = frozenset(
    {
        "ordered",
        "paid",
        "shipped",
        "out_for_delivery",
        "attempted",
        "delayed",
        "expected_delivery",
        "delivered",
        "received",
        "predicted_run_out",
        "first_order",
        "last_order",
        "birthday",
        "subscribed",
        "season",
    }
)

#: Conditions without a value; each may stand with "not " before it.
FLAGS = frozenset(
    {
        "goods",
        "digital",
        "service",
        "first_order",
        "repeat",
        "gift",
        "consumable",
        "complex",
        "fast",
        "long_cycle",
        "paid",
        "paid_later",
        "shipped",
        "delivered",
        "inferred",
        "high_value",
        "top_decile",
        "vip",
        "engaged",
        "low_engagement",
        "subscriber",
        "won",
        "subscription",
        "subscription_running",
        "renewal",
        "bought_before",
    }
)

#: Conditions with a value that is one of a few.
CHOICES: dict[str, frozenset[str]] = {
    "stage": frozenset({"new", "active", "at_risk", "lapsed"}),
    "season": frozenset({"spring", "summer", "autumn", "winter"}),
    "language": frozenset({"ja", "en"}),
    "pack": frozenset({"coach", "service", "course"}),
}

#: Conditions with any text as their value.
TEXTS = frozenset({"product_type", "collection", "tag", "country", "province", "orders", "survey"})

#: Conditions about an earlier step of the same journey.
ABOUT_STEPS = frozenset({"clicked", "sent", "ordered_since", "split"})

#: Those of them that need the step to have done something.
LIVE_FROM_STEPS = ABOUT_STEPS - {"ordered_since"}

#: What is settled at the moment of the step, not before: until then it may still come true.
AT_THE_MOMENT = frozenset(
    {
        "top_decile",
        "vip",
        "engaged",
        "low_engagement",
        "subscriber",
        "won",
        "stage",
        "season",
        "survey",
        "clicked",
        "sent",
        "ordered_since",
        "subscription_running",
    }
)

#: What becomes true once and stays so: a step that needs it waits for it.
BECOMES_TRUE = frozenset({"paid", "shipped", "delivered"})

#: How a product is used; an offset may differ by it.
PRODUCT_KINDS = frozenset({"fast", "standard", "complex", "long_cycle"})

#: What may end a customer's run besides the rules that end every run.
ENDS = frozenset({"ordered_again"})


class Condition(NamedTuple):
    """One condition: whether it is negated, its name, and its value, if it has one."""

    negated: bool
    name: str
    value: str

    @property
    def word(self) -> str:
        """The condition without its "not": what stands among the facts when it holds."""
        return f"{self.name}:{self.value}" if self.value else self.name


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """`not clicked:first` taken apart; whether the words exist is `checks`' question."""
    negated = text.startswith("not ")
    name, _, value = text.removeprefix("not ").partition(":")
    return Condition(negated, name, value)
