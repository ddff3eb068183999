"""The selling plans that lines were bought with: webhooks say nothing of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.shopify.client import ShopClient
from app.shopify.payloads import PlanPayload, gid_number

Node = dict[str, Any]

#: Days of a plan's interval; months and years as they are on average.
DAYS = {"DAY": 1.0, "WEEK": 7.0, "MONTH": 30.44, "YEAR": 365.25}


def plans_of(client: ShopClient, lines: Iterable[Node]) -> dict[int, PlanPayload]:
    """The plan of each line that was bought with one, by the line's number. What Shopify does not
    know any more (its plans go with the app that made them) keeps its name alone. A request only
    where there are plans."""
    named = [line for line in lines if line.get("sellingPlan")]
    ids = sorted({one["sellingPlan"]["sellingPlanId"] for one in named} - {None})
    terms: dict[str, Node] = {}
    if ids:
        nodes = client.run("selling_plans", ids=ids)["nodes"]
        terms = {node["id"]: node for node in nodes if node}
    return {gid_number(one["id"]): _plan(one["sellingPlan"], terms) for one in named}


def _plan(said: Node, terms: dict[str, Node]) -> PlanPayload:
    found = terms.get(said["sellingPlanId"] or "", {})
    policy = found.get("billingPolicy") or {}
    kind = str(found.get("category") or "").lower() or None
    if policy.get("interval") and kind in (None, "other"):
        # Whoever is asked to pay again and again has subscribed, whatever the app calls it.
        kind = "subscription"
    days = DAYS[policy["interval"]] * policy["intervalCount"] if policy.get("interval") else None
    return PlanPayload(name=said["name"], kind=kind, days=round(days) if days else None)
