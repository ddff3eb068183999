"""What travels compressed, and what does not."""

from __future__ import annotations

import gzip
from datetime import timedelta

from flask.testing import FlaskClient

from app.core import clock, links
from tests import make

ASKS = {"Accept-Encoding": "gzip, deflate, br"}


def test_pages_and_sheets_travel_compressed_to_browsers_that_ask(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        order = make.order(session, items=[make.product(session)])
        until = clock.now(session) + timedelta(days=1)
        token = links.sign(shop.id, "track", {"order": order.id}, until)
    for path in (f"/t/{token}", "/static/public.css", f"/track/{shop.domain.partition('.')[0]}"):
        plain = client.get(path, buffered=True)
        small = client.get(path, headers=ASKS, buffered=True)
        assert (plain.status_code, small.status_code) == (200, 200)
        assert "Content-Encoding" not in plain.headers
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["Vary"]
        assert int(small.headers["Content-Length"]) < 0.6 * len(plain.data)
        assert gzip.decompress(small.data) == plain.data


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, shop: make.MadeShop) -> None:
    first = client.get("/static/public.css", headers=ASKS, buffered=True)
    asks = {**ASKS, "If-None-Match": first.headers["ETag"]}
    again = client.get("/static/public.css", headers=asks, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_the_admin_and_refused_encodings_stay_plain(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    refused = client.get(
        "/static/public.css", headers={"Accept-Encoding": "gzip;q=0, br"}, buffered=True
    )
    assert "Content-Encoding" not in refused.headers
    assert "Content-Encoding" not in client.get("/app", headers=ASKS).headers
