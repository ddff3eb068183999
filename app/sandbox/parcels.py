"""Parcels in motion: what a carrier does with a fulfillment, at hours at which carriers do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.sandbox import agenda, carriers, payloads
from app.sandbox.placing import save, tell
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce

Scan = tuple[datetime, str]


def _arrival(handed: datetime) -> datetime:
    """Midnight of the day on which a parcel handed over now can be delivered."""
    day = handed.date() + timedelta(days=1)
    if handed + timedelta(hours=8) > datetime.combine(day, time(5), handed.tzinfo):
        day += timedelta(days=1)
    return datetime.combine(day, time(), handed.tzinfo)


def _way(handed: datetime) -> list[Scan]:
    return [
        (handed + timedelta(hours=2), "carrier_picked_up"),
        (handed + timedelta(hours=7), "in_transit"),
    ]


def _smooth(handed: datetime) -> list[Scan]:
    day = _arrival(handed)
    return [
        *_way(handed),
        (day + timedelta(hours=8, minutes=20), "out_for_delivery"),
        (day + timedelta(hours=13, minutes=40), "delivered"),
    ]


def _attempted(handed: datetime) -> list[Scan]:
    day = _arrival(handed)
    return [
        *_smooth(handed)[:-1],
        (day + timedelta(hours=14, minutes=5), "attempted_delivery"),
        (day + timedelta(days=1, hours=8, minutes=20), "out_for_delivery"),
        (day + timedelta(days=1, hours=18, minutes=30), "delivered"),
    ]


def _delayed(handed: datetime) -> list[Scan]:
    day = _arrival(handed)
    return [
        *_way(handed),
        (day + timedelta(hours=9), "delayed"),
        (day + timedelta(days=2, hours=6), "in_transit"),
        (day + timedelta(days=2, hours=8, minutes=20), "out_for_delivery"),
        (day + timedelta(days=2, hours=15, minutes=10), "delivered"),
    ]


def _silent(handed: datetime) -> list[Scan]:
    """The carrier takes it and is never heard of again."""
    return _way(handed)[:1]


def _manual(_handed: datetime) -> list[Scan]:
    return []


PLANS: dict[str, Callable[[datetime], list[Scan]]] = {
    "smooth": _smooth,
    "attempted": _attempted,
    "delayed": _delayed,
    "silent": _silent,
    "manual": _manual,
}
SCENARIOS = tuple(PLANS)
#: What a scan makes of the parcel, in the order of a smooth way.
NEXT = ("carrier_picked_up", "in_transit", "out_for_delivery", "delivered")


def set_out(work: Work, shop: Document, sent: Document, scenario: str) -> None:
    """Plan a parcel's way from now on; scans that it has had already are left out."""
    if scenario not in PLANS:
        raise Refused(f"There is no scenario {scenario}.")
    sent["scenario"] = scenario
    agenda.strike(work, shop["domain"], "parcel", sent["id"])
    had = {scan["status"] for scan in sent["events"]}
    if "delivered" in had:
        return
    for due, status in PLANS[scenario](work.now.astimezone(ZoneInfo(shop["zone"]))):
        if status not in had:
            agenda.plan(
                work, shop["domain"], "parcel", sent["id"], due,
                {"status": status, "order_id": sent["order_id"]},
            )  # fmt: skip


def find(work: Work, domain: str, number: int) -> tuple[Document, Document]:
    """A fulfillment with its order."""
    placed = work.one("order", domain, fulfillments=[{"id": int(number)}])
    if placed is None:
        raise Refused(f"There is no parcel {number}.")
    return placed, next(one for one in placed["fulfillments"] if one["id"] == int(number))


def scan(
    sandbox: Sandbox, work: Work, domain: str, number: int, status: str, **told: str | None
) -> Document:
    """Record a scan; Shopify tells the app of it, and of the fulfillment it changes."""
    shop = work.need("shop", domain, domain)
    placed, sent = find(work, domain, number)
    made = {
        "id": work.new_id(), "status": status, "created_at": work.stamp,
        "message": told.get("message") or carriers.message(status, shop["locale"]),
        "happened_at": told.get("happened_at") or work.stamp,
        "estimated_at": told.get("estimated_at") or _estimate(work, domain, sent),
        **{name: told.get(name) for name in ("city", "province", "country", "zip")},
    }  # fmt: skip
    sent["events"].append(made)
    sent.update(shipment_status=status, updated_at=work.stamp)
    save(work, placed)
    event = payloads.fulfillment_event(shop, placed, sent, made)
    announce(sandbox, work, domain, "fulfillment_events/create", event)
    body = payloads.fulfillment(shop, placed, sent)
    announce(sandbox, work, domain, "fulfillments/update", body)
    if status == "delivered":
        tell(sandbox, work, placed, "orders/updated")
    return made


def _estimate(work: Work, domain: str, sent: Document) -> str | None:
    """The carrier's own estimate: it knows its plan, but says no hour."""
    ahead = agenda.planned(work, domain, "parcel", sent["id"])
    ends = [one["due_at"] for one in ahead if one["status"] == "delivered"]
    return ends[-1] if ends else None


def happen(sandbox: Sandbox, work: Work, domain: str, subject: str, body: Document) -> str:
    """A planned scan comes due."""
    scan(sandbox, work, domain, int(subject), body["status"])
    return f"parcel {subject}: {body['status']}"


def choose_scenario(sandbox: Sandbox, domain: str, number: int, scenario: str) -> Document:
    """Let this parcel's way go on differently from now."""
    with sandbox.work(domain) as work:
        placed, sent = find(work, domain, number)
        set_out(work, work.need("shop", domain, domain), sent, scenario)
        save(work, placed)
        return {**sent, "planned": agenda.planned(work, domain, "parcel", number)}


def advance_parcel(sandbox: Sandbox, domain: str, number: int) -> Document | None:
    """The next scan happens now; None once it is delivered."""
    with sandbox.work(domain) as work:
        _, sent = find(work, domain, number)
        ahead = agenda.planned(work, domain, "parcel", number)
        if ahead:
            work.connection.exec_driver_sql(
                "UPDATE agenda SET done_at = %s WHERE id = %s", (work.now, ahead[0]["agenda_id"])
            )
            return scan(sandbox, work, domain, number, ahead[0]["status"])
        status = _following(sent["shipment_status"])
        return status and scan(sandbox, work, domain, number, status)  # type: ignore[return-value]


def _following(status: str | None) -> str | None:
    """What comes after a scan on a smooth way."""
    if status == "delivered":
        return None
    if status not in NEXT:
        return "out_for_delivery" if status else NEXT[0]
    return NEXT[NEXT.index(status) + 1]


def estimated_day(sent: Document) -> str | None:
    """The newest estimate among the scans."""
    told = [one["estimated_at"] for one in sent["events"] if one["estimated_at"]]
    return told[-1] if told else None


def reached(sent: Document, status: str) -> str | None:
    """When a parcel first had a status."""
    times = [one["happened_at"] for one in sent["events"] if one["status"] == status]
    return min(times) if times else None
