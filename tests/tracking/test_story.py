"""What who waits gets to read: another chapter each day on the way; and no invitation to LINE for
who is there already."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.consent import service as consent
from app.core import clock
from app.core.clock import now
from app.guides import rules as guide_rules
from app.guides.model import Guide
from app.shops import service as shops
from app.tracking import rules
from tests import make
from tests.tracking.test_web import place, sent_silently, track

STORY = "一日目の畑\n\n---\n\n二日目の焙煎\n－－－\n三日目の袋詰め"


def tell(shop: make.MadeShop, topic: str, title: str, body: str) -> None:
    with shop.work() as session:
        session.add(Guide(shop_id=shop.id, topic=topic, locale="ja", title=title, body=body))


def chapter(client: FlaskClient, page: str) -> tuple[str, str]:
    """What is told today, and the whole section."""
    found = re.search(r'data-testid="story">(.*?)</section>', client.get(page).text, re.DOTALL)
    told = found[1] if found else ""
    today = told.partition("<details>")[0]
    return "".join(re.findall(r"<p>(.*?)</p>", today)), told


def test_each_day_on_the_way_tells_another_chapter(
    client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    waiting = track(shop, place(shop))
    tell(shop, "story", "畑から", STORY)
    tell(shop, "brand", "店のこと", "創業の話")
    assert chapter(client, waiting) == ("", "")  # bought today: first the order itself
    page = track(shop, sent_silently(shop))
    days = []
    with shop.work() as session:
        start = now(session)
    for day in range(6):
        clock.shift_to(owner, start + timedelta(days=day))
        days.append(chapter(client, page)[0])
    assert days == [
        "一日目の畑",
        "二日目の焙煎",
        "三日目の袋詰め",
        *["創業の話"] * 3,
    ]
    last = chapter(client, page)[1]
    assert "第4回（全4回）" in last
    assert "これまでのお話" in last
    assert last.count("<h3>畑から</h3>") == 1
    assert "続きは明日" not in last
    assert chapter(client, waiting)[0] == "一日目の畑"  # it has not left: the story waits with it


def test_one_story_is_told_whole_and_a_divided_one_stays_whole_elsewhere() -> None:
    whole = guide_rules.show("題", "一つの話", {})
    assert whole.chapters[0].blocks == whole.blocks
    divided = guide_rules.show("題", STORY, {})
    assert [len(part.blocks) for part in divided.chapters] == [1, 1, 1]
    assert "---" not in divided.text
    assert "三日目の袋詰め" in divided.text


@given(st.integers(1, 9), st.integers(-3, 400))
def test_chapters_follow_one_another_and_never_run_out(count: int, days: int) -> None:
    today, tomorrow = (rules.chapter(count, day) for day in (days, days + 1))
    assert 0 <= today <= tomorrow <= min(today + 1, count - 1)


def test_who_is_linked_is_not_invited_to_line(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        shops.set_line(session, url="https://line.me/R/ti/p/@hinata", linking=True)
        order = make.order(session)
        buyer, page = order.customer_id or 0, track(shop, order.id)
    assert 'data-testid="line"' in client.get(page).text
    with shop.work() as session:
        consent.link_channel(session, buyer, "line", "U1", {"how": "test"})
    assert 'data-testid="line"' not in client.get(page).text


def test_who_looked_an_order_up_moves_its_news_to_no_line(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    """A number and a postal code are no proof of who may hear where every parcel is."""
    with shop.work() as session:
        shops.set_line(session, url="https://line.me/R/ti/p/@hinata", linking=True)
        page = track(shop, make.order(session).id, found=True)
    assert 'data-testid="line' not in client.get(page).text
