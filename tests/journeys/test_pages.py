"""The journeys' pages in the admin."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from app.journeys import queries
from tests import make, sign

EN = {"Okaeri-Locale": "en"}


def _states(text: str) -> dict[str, str]:
    found = re.findall(r'data-journey="([a-z0-9-]+)" data-on="(yes|no)"', text)
    return dict(found)


def test_after_the_install_nothing_is_on_and_one_click_changes_that(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get("/app/journeys", headers=sign.admin(shop.domain))
    assert page.status_code == 200
    assert set(_states(page.text).values()) == {"no"}
    assert "まだ何もオンになっていません" in page.text
    answer = client.post("/app/journeys/recommended", headers=sign.admin(shop.domain))
    assert answer.status_code == 303
    page = client.get(answer.location, headers=sign.admin(shop.domain))
    assert _states(page.text) == {
        key: "yes" if one.recommended else "no" for key, one in queries.presets().items()
    }
    assert "おすすめのシナリオをオンにしました。" in page.text


def test_each_journey_has_its_switch(client: FlaskClient, shop: make.MadeShop) -> None:
    on = client.post("/app/journeys/review/on", headers=sign.admin(shop.domain, **EN))
    assert on.status_code == 200
    assert _states(on.text) == {"review": "yes"}
    assert "<html" not in on.text
    assert 'aria-checked="true"' in on.text
    assert "On since" in on.text
    with shop.work() as session:
        assert [key for key, since in queries.switches(session).items() if since] == ["review"]
    off = client.post("/app/journeys/review/off", headers=sign.admin(shop.domain, **EN))
    assert _states(off.text) == {"review": "no"}
    with shop.work() as session:
        assert set(queries.switches(session).values()) == {None}


def test_a_journeys_page_says_what_it_sends_and_when(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get("/app/journeys/review", headers=sign.admin(shop.domain))
    assert "レビューのお願い（30秒）" in page.text
    assert "配達完了から：5日後（すぐに使い切るもの）、8日後（一般の商品）" in page.text
    assert "1通目の送信から7日後" in page.text
    assert "/app/messages/preview/review/ja" in page.text
    english = client.get("/app/journeys/replenish", headers=sign.admin(shop.domain, **EN))
    assert "7 days and the usual delivery time before the day it should run out" in english.text
    # Steps are called by what they say, not by their keys.
    assert "When a link of “Time to restock” was followed" in english.text
    assert "when nothing was ordered since “Time to restock”" in english.text
    assert "Marketing: only to customers who agreed to it." in english.text


def test_an_unknown_journey_does_not_exist(client: FlaskClient, shop: make.MadeShop) -> None:
    headers = sign.admin(shop.domain)
    assert client.get("/app/journeys/spam", headers=headers).status_code == 404
    assert client.post("/app/journeys/spam/on", headers=sign.admin(shop.domain)).status_code == 404
    assert client.post("/app/journeys/spam/off", headers=sign.admin(shop.domain)).status_code == 404


def test_previews_of_every_step_can_be_opened(client: FlaskClient, shop: make.MadeShop) -> None:
    links: set[str] = set()
    for key in queries.presets():
        page = client.get(f"/app/journeys/{key}", headers=sign.admin(shop.domain))
        links |= set(re.findall(r'href="(/app/messages/preview/[^"]+)"', page.text))
    kinds = {step.message for one in queries.presets().values() for step in one.steps}
    assert len(links) == 2 * len(kinds - {""})
    # That every kind can be shown is the house tests' concern.
    for link in sorted(links)[::5]:
        assert client.get(link, headers=sign.admin(shop.domain)).status_code == 200, link


def test_nobody_without_a_token_gets_in(client: FlaskClient, shop: make.MadeShop) -> None:
    assert client.post("/app/journeys/review/on").status_code in (302, 401, 403)
    with shop.work() as session:
        assert set(queries.switches(session).values()) == {None}
