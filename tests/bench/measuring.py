"""Place orders at a steady pace, wait for their mails, work the figure out."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from statistics import quantiles

import httpx

from tests.bench.world import World
from tests.processes import ROOT, demo, wait

ARTIFACTS = ROOT / "artifacts" / "bench"
#: Buyers in the middle of a checkout at the same time; more than the pace ever needs.
BUYERS = 8
PATIENCE_S = 60.0


class Missing(Exception):
    """A mail that never came; the text says whose."""


def measure(orders: int, per_second: float) -> list[float]:
    """Start the demo with fresh data and answer each order's seconds from webhook to mail."""
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    with (
        demo(ARTIFACTS / "data") as (app, sandbox),
        httpx.Client(timeout=30.0, headers={"Accept-Language": "ja"}) as http,
    ):
        world = World(app, sandbox, http)
        world.install()
        world.calm()
        # Shopify dates orders in whole seconds; those of the second in which the merchant switched
        # the journeys on might count as earlier than that.
        time.sleep(1.0)
        return _sell(world, orders, per_second)


def figure(seconds: list[float], per_second: float) -> str:
    """The one line to print."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return (
        f"webhook to mail: p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s "
        f"over {len(seconds)} orders, {per_second:g} a second"
    )


def _sell(world: World, orders: int, per_second: float) -> list[float]:
    variants = world.variants()
    emails = [f"buyer-{number}@example.jp" for number in range(orders)]
    begun = time.monotonic()
    with ThreadPoolExecutor(BUYERS) as buyers:
        # One comes through the door at each beat, however long the ones before take.
        bought = []
        for number, email in enumerate(emails):
            time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            bought.append(buyers.submit(world.buy, variants[number % len(variants)], email))
        for one in bought:
            one.result()
    mailed = {email: _mailed_at(world, email) for email in emails}
    posted = world.posted_at(orders)
    return [(mailed[email] - posted[email]).total_seconds() for email in emails]


def _mailed_at(world: World, email: str) -> datetime:
    try:
        return wait(lambda: world.mailed_at(email), f"the mail to {email}", PATIENCE_S)
    except AssertionError as error:
        raise Missing(str(error)) from error
