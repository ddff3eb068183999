"""Start guides: which one serves, what they may say, and the merchant's editor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.db import unit_of_work
from app.core.errors import Invalid
from app.core.locale import LANGUAGES, use_locale
from app.guides import queries, rules, service
from app.guides.queries import About, Block, Guide, Subject
from app.messages.kinds import all_kinds
from tests import make, sign


def _types(*kinds: str) -> list[Subject]:
    return [Subject(product_type=kind) for kind in kinds]


def _save(session: Session, locale: str, title: str, body: str, about: About) -> Guide:
    return service.save(session, service.Draft(title, body, about), locale)


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
        assert queries.guide_for(session, _types("Coffee"), "ja").title == "はじめにお読みください"
        _save(session, "ja", "共通", "本文", About())
        _save(session, "ja", "コーヒー", "本文", About(product_type="Coffee"))
        assert queries.guide_for(session, _types("Tea"), "ja").title == "共通"
        assert queries.guide_for(session, [], "ja").title == "共通"
        assert queries.guide_for(session, _types("Tea", "coffee "), "ja").title == "コーヒー"
        assert queries.guide_for(session, _types("Coffee"), "en").title == "Getting started"
        _save(session, "ja", "豆", "本文", About(product_type="coffee"))
        assert [guide.title for guide in queries.all_guides(session)] == ["共通", "豆"]
        assert service.forget(session, About(product_type="Coffee"), "ja")
        assert not service.forget(session, About(product_type="Coffee"), "ja")
        assert queries.guide_for(session, _types("Coffee"), "ja").title == "共通"


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
        story = queries.text_for(session, "story", _types("Coffee"), "ja")
        assert story is not None
        assert story.title == "山の畑から"
        assert queries.guide_for(session, _types("Coffee"), "ja").title == "はじめにお読みください"
        assert queries.text_for(session, "tips", [], "ja") is None
    listing = client.get("/app/guides?topic=story", headers=sign.admin(shop.domain))
    assert "山の畑から" in listing.text
    empty = client.get("/app/guides?topic=tips", headers=sign.admin(shop.domain))
    assert "まだありません" in empty.text
    assert client.get("/app/guides?topic=x", headers=sign.admin(shop.domain)).status_code == 404


def test_another_shops_guide_is_nobodys(shop: make.MadeShop, other_shop: make.MadeShop) -> None:
    with shop.work() as session:
        _save(session, "en", "Mine", "text", About())
    with unit_of_work(other_shop.id) as session:
        assert queries.all_guides(session) == []
        assert queries.guide_for(session, [], "en").title == "Getting started"


def test_what_cannot_be_used_is_not_kept(shop: make.MadeShop) -> None:
    with shop.work() as session, use_locale("ja"):
        with pytest.raises(Invalid) as caught:
            _save(session, "ja", " ", "{{ a.b }}", About())
        assert caught.value.errors == {
            "title": "内容をご入力ください。",
            "body": "1行目：「a」という項目はありません。",
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
    assert "Okaeriの標準" in listing.text

    editor = client.get("/app/guides/ja?type=コーヒー豆", headers=sign.admin(shop.domain))
    assert "## 開封するとき" in editor.text
    assert "<h3>開封するとき</h3>" in editor.text

    typed = {"product_type": "コーヒー豆", "title": "淹れ方", "body": "一\n{{ shop.nam }}"}
    for path in ("/app/guides/ja/preview", "/app/guides/ja"):
        page = client.post(path, data=typed, headers=sign.admin(shop.domain))
        assert page.status_code == (200 if path.endswith("preview") else 422)
        assert "2行目：「shop.nam」という項目はありません。" in page.text
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
        assert queries.guide_for(session, _types("コーヒー豆"), "ja").title == "淹れ方"
    after = client.get(saved.location, headers=sign.admin(shop.domain))
    assert "ガイドを保存しました。" in after.text

    gone = client.post("/app/guides/ja/forget", data=typed, headers=sign.admin(shop.domain))
    assert gone.status_code == 303
    with shop.work() as session:
        assert queries.all_guides(session) == []


def test_a_language_we_do_not_speak_has_no_editor(client: FlaskClient, shop: make.MadeShop) -> None:
    assert client.get("/app/guides/fr", headers=sign.admin(shop.domain)).status_code == 404


def test_a_product_goes_before_its_collection_and_that_before_its_type(shop: make.MadeShop) -> None:
    with shop.work() as session:
        product, _ = make.product(session, collections=["Spring", "gifts"])
        about = queries.subjects([product])
        steps = [
            (About(), "everything"),
            (About(product_type="coffee"), "type"),
            (About(collection="spring"), "collection"),
            (About(product=product.shopify_id), "product"),
        ]
        for key, title in steps:
            _save(session, "en", title, "text", key)
            assert queries.guide_for(session, about, "en").title == title
        assert queries.guide_for(session, _types("Coffee"), "en").title == "type"
        other, _ = make.product(session, product_type="Tea")
        assert queries.guide_for(session, queries.subjects([other, product]), "en").title == (
            "product"
        )
        for key, title in reversed(steps):
            assert queries.guide_for(session, about, "en").title == title
            assert service.forget(session, key, "en")


@given(
    st.lists(
        st.builds(
            Subject,
            st.integers(0, 5),
            st.lists(st.sampled_from(["a", "B", ""]), max_size=2).map(tuple),
            st.sampled_from(["Tea", " tea", ""]),
        ),
        max_size=4,
    )
)
def test_what_may_serve_is_ordered_and_ends_with_everything(subjects: list[Subject]) -> None:
    found = rules.candidates(subjects)
    assert found[-1] == About()
    assert len(found) == len(set(found))
    assert all(sum(map(bool, one)) <= 1 for one in found)
    if subjects and subjects[0].product:
        assert found[0] == About(product=subjects[0].product)


@pytest.mark.parametrize(
    ("link", "lasting"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        (
            "https://www.youtube.com/watch?t=1&v=dQw4w9WgXcQ",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        ("https://player.vimeo.com/video/76979871", "https://vimeo.com/76979871"),
        ("http://youtu.be/dQw4w9WgXcQ", None),
        ("https://youtu.be.evil.example/dQw4w9WgXcQ", None),
        ("https://www.youtube.com/@somebody", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_film_is_known_by_its_link(link: str, lasting: str | None) -> None:
    film = rules.video(link)
    assert (film.url if film else None) == lasting


def test_a_picture_and_a_film_are_checked_kept_and_shown(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        product, _ = make.product(session)
        token = links.sign(
            shop.id, "guide", {"product": product.shopify_id}, now(session) + timedelta(days=3000)
        )
    typed = {
        "product": str(product.shopify_id),
        "title": "淹れ方",
        "body": "お湯は92℃です。",
        "image_url": "http://pictures.example/a.jpg",
        "video_url": "https://films.example/1",
    }
    wrong = client.post("/app/guides/ja", data=typed, headers=sign.admin(shop.domain))
    assert wrong.status_code == 422
    assert "YouTube" in wrong.text
    assert wrong.text.count("field__error") == 2
    typed |= {
        "image_url": "https://pictures.example/a.jpg",
        "image_alt": "ドリッパーにお湯を注ぐ手元",
        "video_url": "https://youtu.be/dQw4w9WgXcQ",
    }
    saved = client.post("/app/guides/ja", data=typed, headers=sign.admin(shop.domain))
    assert saved.status_code == 303
    assert "ひなたブレンド 200g" in client.get(saved.location, headers=sign.admin(shop.domain)).text
    editor = client.get(
        f"/app/guides/ja?product={product.shopify_id}", headers=sign.admin(shop.domain)
    )
    assert "https://www.youtube.com/watch?v=dQw4w9WgXcQ" in editor.text

    page = client.get(f"/g/{token}")
    assert page.status_code == 200
    assert "淹れ方" in page.text
    assert 'src="https://pictures.example/a.jpg" alt="ドリッパーにお湯を注ぐ手元"' in page.text
    assert 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"' in page.text
    assert "ytimg" not in page.text
    assert "山田" not in page.text
    assert "Getting started" in client.get(f"/g/{token}?lang=en").text
    assert client.get(f"/g/{token[:-2]}xx").status_code == 403


def test_a_product_that_is_gone_still_has_a_page(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        token = links.sign(shop.id, "guide", {"product": 1}, now(session) + timedelta(days=3000))
    assert "はじめにお読みください" in client.get(f"/g/{token}").text


HELP = "## 淹れ方\n\n" + "お湯は92℃です。" * 12


@pytest.mark.parametrize(
    ("title", "body", "said"),
    [
        ("夏のセール", HELP, "タイトルでは、何の役に立つ文章かをお書きください。"),
        ("淹れ方", f"{HELP}\n\n今だけ１０％ＯＦＦ。\n\n- クーポンもどうぞ", "末尾の1か所だけ"),
        ("淹れ方", f"割引中です。\n\n{HELP}", "文章の末尾へ移してください。"),
        ("淹れ方", "お湯は92℃です。\n\n割引中です。", "文章の40%を占めています。20%以内"),
        ("淹れ方", f"{HELP}\n\n{{% unless delivery.ships %}}セール。{{% endunless %}}", ""),
    ],
)
def test_a_guide_makes_no_advertisement_of_a_mail_about_the_order(
    client: FlaskClient, shop: make.MadeShop, title: str, body: str, said: str
) -> None:
    headers = sign.admin(shop.domain)
    typed = {"topic": "tips", "title": title, "body": body}
    answer = client.post("/app/guides/ja", data=typed, headers=headers)
    assert answer.status_code == (422 if said else 303)
    if said:
        assert said in answer.text
        assert "ご注文に関するお知らせに載ります。" in answer.text
        shown = client.post("/app/guides/ja/preview", data=typed, headers=headers)
        assert "ご注文に関するお知らせに載ります。" in shown.text
    # Only mails that are advertising anyway tell of the shop itself.
    about = client.post("/app/guides/ja", data=typed | {"topic": "brand"}, headers=headers)
    assert about.status_code == 303


def test_what_ships_advertises_nothing_and_mails_about_the_order_show_all_but_one_topic() -> None:
    for topic in queries.TOPICS:
        for locale in LANGUAGES:
            if queries.has_default(topic, locale):
                text = queries.default_guide(locale, topic)
                assert rules.advert(text.title, text.body) is None
    shown = {one.guide: one.message_class for one in all_kinds().values() if one.guide}
    assert {topic for topic, law in shown.items() if law == "marketing"} == rules.MARKETING
