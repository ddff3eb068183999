"""How long the thank-you page's one question takes on the server, for a first look and a reload, by
one shopper after the other and by eight at once: `pytest -m bench tests/bench/test_thankyou.py -s`.

The requests go through the whole WSGI app (door, token, unit of work, commit) on real PostgreSQL;
client and server share a process, so CPU is that of both.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import quantiles
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text

from app.discounts.model import DiscountCode, DiscountPool
from tests import make, sign
from tests.thankyou.conftest import Offering, offering

__all__ = ["offering"]
ROUND = 50
LOOKS = ROUND * int(os.environ.get("OKAERI_BENCH_ROUNDS", "2"))


@pytest.mark.bench
@pytest.mark.parametrize("shoppers", [1, 8])
def test_how_long_a_page_takes(
    app: Flask, owner: Engine, offering: Offering, shoppers: int
) -> None:
    with offering.shop.work() as session:
        pool = session.scalars(select(DiscountPool)).one()
        session.add_all(
            DiscountCode(
                shop_id=pool.shop_id,
                pool_id=pool.id,
                code=f"OKAERI-MANY-{number}",
                redeem_code_gid=f"gid://shopify/DiscountRedeemCode/{number + 100}",
                state="free",
            )
            for number in range(LOOKS)
        )
        goods = [make.product(session), make.product(session)]
        for number in range(LOOKS):
            make.order(session, checkout_token=f"checkout-{number}", items=goods)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As in a store that has been selling for a while: the database knows its tables.
        connection.execute(text("ANALYZE"))
    ask(app, offering, sign.widget(offering.shop.domain), "warm-up")
    for name in ("first look", "reload"):
        measure(app, offering, name, shoppers)


def measure(app: Flask, offering: Offering, name: str, shoppers: int) -> None:
    statements = [0]

    def note(*_given: Any) -> None:
        statements[0] += 1

    engine = app.extensions["okaeri"].engine
    event.listen(engine, "before_cursor_execute", note)
    took: list[float] = []
    spent = time.process_time()
    with ThreadPoolExecutor(shoppers) as pool:
        for begin in range(0, LOOKS, ROUND):
            # A session token lasts a minute.
            headers = sign.widget(offering.shop.domain)
            tokens = [f"checkout-{number}" for number in range(begin, begin + ROUND)]
            took += pool.map(partial(ask, app, offering, headers), tokens)
    cpu = (time.process_time() - spent) * 1000 / LOOKS
    event.remove(engine, "before_cursor_execute", note)
    cuts = quantiles(took, n=100, method="inclusive")
    print(
        f"\n{name}, c={shoppers}: p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, "
        f"p99 {cuts[98]:.1f} ms, CPU {cpu:.1f} ms, {statements[0] / LOOKS:.1f} statements",
        end="",
    )


def ask(app: Flask, offering: Offering, headers: dict[str, str], token: str) -> float:
    """Milliseconds that one question took."""
    body = {"checkout_token": token, "locale": "ja-JP", "lines": offering.cart}
    begun = time.perf_counter()
    answer = app.test_client().post("/widget/thank-you", json=body, headers=headers)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200
    return took
