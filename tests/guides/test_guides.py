"""Start guides: which one serves, what they may say, and the merchant's editor."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.core.db import unit_of_work
from app.core.errors import Invalid
from app.core.locale import use_locale
from app.guides import queries, rules, service
from app.guides.queries import Block
from tests import make, sign


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_the_guide_that_ships_reads_well(locale: str) -> None:
    guide = queries.default_guide(locale)
    assert rules.check(guide.title, locale) is None
    assert rules.check(guide.body, locale) is None
    shown = queries.show(guide, rules.EXAMPLES[locale])
    assert [block.kind for block in shown.blocks].count("heading") == 3
    assert any(block.kind == "steps" and len(block.items) == 3 for block in shown.blocks)
    assert rules.EXAMPLES[locale]["product"]["title"] in shown.text
    assert "{" not in shown.text


@pytest.mark.parametrize(("locale", "parcel"), [("ja", "箱"), ("en", "box")])
def test_digital_goods_are_not_unpacked(locale: str, parcel: str) -> None:
    guide = queries.default_guide(locale)
    goods = rules.EXAMPLES[locale]
    assert parcel in queries.show(guide, goods).text
    digital = queries.show(guide, {**goods, "delivery": {"ships": None}}).text
    assert parcel not in digital
    assert "{" not in digital


def test_what_nobody_filled_in_leaves_no_hole() -> None:
    shown = queries.show(
        queries.default_guide("en"), {"shop": {"name": "Maple", "support_email": ""}}
    )
    assert "Maple" in shown.text
    assert "E-mail:" not in shown.text
    assert "Phone:" not in shown.text


def test_text_becomes_blocks() -> None:
    text = "Hello\nyou\n\n## First\n- one\n- two\n1. a\n2. b\n\n- three\n-5 °C is cold\n1.5 g"
    assert rules.blocks(text) == [
        Block("paragraph", ["Hello", "you"]),
        Block("heading", ["First"]),
        Block("list", ["one", "two"]),
        Block("steps", ["a", "b"]),
        Block("list", ["three"]),
        Block("paragraph", ["-5 °C is cold", "1.5 g"]),
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason", "detail"),
    [
        ("a\n{{ shop.nam }}", 2, "unknown_name", "shop.nam"),
        ("a\n\n{{ shop.name | shout }}", 3, "unknown_filter", "shout"),
        ("{% if shop.name %}a\nb", 1, "unclosed", ""),
        ("a\n{{ shop.name ", 2, "unclosed", ""),
        ("a\n{% dance %}", 2, "wrong", "dance"),
        ("{% for i in (1..9999999) %}x{% endfor %}", 1, "wrong", "limit"),
        ("{% include 'secrets' %}", 1, "wrong", ""),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, reason: str, detail: str) -> None:
    problem = rules.check(text, "en")
    assert problem is not None
    assert (problem.line, problem.reason) == (line, reason)
    assert detail in problem.detail


def test_the_most_particular_guide_serves(shop: make.MadeShop) -> None:
    with shop.work() as session:
        assert queries.guide_for(session, ["Coffee"], "ja").title == "はじめにお読みください"
        service.save(session, product_type="", locale="ja", title="共通", body="本文")
        service.save(session, product_type="Coffee", locale="ja", title="コーヒー", body="本文")
        assert queries.guide_for(session, ["Tea"], "ja").title == "共通"
        assert queries.guide_for(session, [], "ja").title == "共通"
        assert queries.guide_for(session, ["Tea", "coffee "], "ja").title == "コーヒー"
        assert queries.guide_for(session, ["Coffee"], "en").title == "Getting started"
        service.save(session, product_type="coffee", locale="ja", title="豆", body="本文")
        assert [guide.title for guide in queries.all_guides(session)] == ["共通", "豆"]
        assert service.forget(session, product_type="Coffee", locale="ja")
        assert not service.forget(session, product_type="Coffee", locale="ja")
        assert queries.guide_for(session, ["Coffee"], "ja").title == "共通"


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_every_topic_with_a_text_of_ours_reads_well(locale: str, shop: make.MadeShop) -> None:
    with shop.work() as session:
        found = {each: queries.text_for(session, each, [], locale) for each in queries.TOPICS}
    assert [topic for topic, guide in found.items() if guide is None] == ["story", "brand", "tips"]
    for guide in filter(None, found.values()):
        assert rules.check(guide.title, locale) is None
        assert rules.check(guide.body, locale) is None


def test_topics_do_not_stand_in_for_each_other(client: FlaskClient, shop: make.MadeShop) -> None:
    typed = {
        "topic": "story",
        "product_type": "",
        "title": "山の畑から",
        "body": "標高は900mです。",
    }
    assert client.post("/app/guides/ja", data=typed, headers=sign.admin(shop.domain)).status_code
    with shop.work() as session:
        story = queries.text_for(session, "story", ["Coffee"], "ja")
        assert story is not None
        assert story.title == "山の畑から"
        assert queries.guide_for(session, ["Coffee"], "ja").title == "はじめにお読みください"
        assert queries.text_for(session, "tips", [], "ja") is None
    listing = client.get("/app/guides?topic=story", headers=sign.admin(shop.domain))
    assert "山の畑から" in listing.text
    empty = client.get("/app/guides?topic=tips", headers=sign.admin(shop.domain))
    assert "まだありません" in empty.text
    assert client.get("/app/guides?topic=x", headers=sign.admin(shop.domain)).status_code == 404


def test_another_shops_guide_is_nobodys(shop: make.MadeShop, other_shop: make.MadeShop) -> None:
    with shop.work() as session:
        service.save(session, product_type="", locale="en", title="Mine", body="text")
    with unit_of_work(other_shop.id) as session:
        assert queries.all_guides(session) == []
        assert queries.guide_for(session, [], "en").title == "Getting started"


def test_what_cannot_be_used_is_not_kept(shop: make.MadeShop) -> None:
    with shop.work() as session, use_locale("ja"):
        with pytest.raises(Invalid) as caught:
            service.save(session, product_type="", locale="ja", title=" ", body="{{ a.b }}")
        assert caught.value.errors == {
            "title": "内容をご入力ください。",
            "body": "1行目:「a」という項目はありません。",
        }
        assert queries.all_guides(session) == []


def test_the_merchant_edits_previews_saves_and_takes_back(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        make.product(session, product_type="コーヒー豆")
    listing = client.get("/app/guides", headers=sign.admin(shop.domain))
    assert listing.status_code == 200
    assert "コーヒー豆" in listing.text
    assert "Okaeri の標準" in listing.text

    editor = client.get("/app/guides/ja?type=コーヒー豆", headers=sign.admin(shop.domain))
    assert "## 開封するとき" in editor.text
    assert "<h3>開封するとき</h3>" in editor.text

    typed = {"product_type": "コーヒー豆", "title": "淹れ方", "body": "一\n{{ shop.nam }}"}
    for path in ("/app/guides/ja/preview", "/app/guides/ja"):
        page = client.post(path, data=typed, headers=sign.admin(shop.domain))
        assert page.status_code == (200 if path.endswith("preview") else 422)
        assert "2行目:「shop.nam」という項目はありません。" in page.text
    assert 'aria-invalid="true"' in page.text
    assert "{{ shop.nam }}" in page.text

    typed["body"] = "お湯は92℃です。<script>alert(1)</script>"
    shown = client.post("/app/guides/ja/preview", data=typed, headers=sign.admin(shop.domain))
    assert "お湯は92℃です。&lt;script&gt;" in shown.text
    with shop.work() as session:
        assert queries.all_guides(session) == []
    saved = client.post("/app/guides/ja", data=typed, headers=sign.admin(shop.domain))
    assert saved.status_code == 303
    with shop.work() as session:
        assert queries.guide_for(session, ["コーヒー豆"], "ja").title == "淹れ方"
    after = client.get(saved.location, headers=sign.admin(shop.domain))
    assert "ガイドを保存しました。" in after.text

    gone = client.post("/app/guides/ja/forget", data=typed, headers=sign.admin(shop.domain))
    assert gone.status_code == 303
    with shop.work() as session:
        assert queries.all_guides(session) == []


def test_a_language_we_do_not_speak_has_no_editor(client: FlaskClient, shop: make.MadeShop) -> None:
    assert client.get("/app/guides/fr", headers=sign.admin(shop.domain)).status_code == 404
