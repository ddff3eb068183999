"""The lint: what must not be published, what may be with a name to it, and what is fine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from app.discounts.terms import Terms
from app.messages.lint import BLOCK, Case, blocking, lint, promotion
from app.messages.lint.case import Limited, Offer
from app.messages.lint.page import read
from app.messages.texts.blocks import (
    Block,
    Button,
    Content,
    Coupon,
    Divider,
    Footer,
    Heading,
    Picture,
    ProductBlock,
    Reorder,
    Stars,
    Support,
    Text,
    Timeline,
    tidy,
)
from app.messages.texts.filling import Shown
from app.messages.texts.marks import pieces

TODAY = date(2026, 6, 10)
NAMES = frozenset({"shop.name", "product.title", "delivery.expected"})
LETTER = (
    Heading(text="ご注文ありがとうございます"),
    Text(text="ご注文を確かに承りました。発送が済みましたら、あらためてお知らせいたします。"),
    Timeline(),
)


def case(*blocks: Block, **given: Any) -> Case:
    """A text as it is written, shown word for word."""
    content = Content(
        subject=given.pop("subject", "ご注文について"),
        preheader="今後の流れ",
        blocks=tidy((*blocks, Footer())),
    )
    shown = tuple(
        Shown("text", number, pieces=pieces(str(getattr(block, "text", "")) or "x" * 20, "#000000"))
        for number, block in enumerate(content.blocks)
    )
    made = Case(
        kind="next-steps",
        message_class="transactional",
        topic="orders",
        locale="ja",
        content=content,
        variables=NAMES,
        today=TODAY,
        subject=content.subject,
        preheader=content.preheader,
        shown=shown,
        html="<style>@media (prefers-color-scheme: dark){}</style><p>x</p>",
        plain="x",
    )
    return replace(made, **given)


def codes(made: Case) -> list[str]:
    """The rules a case breaks badly enough to be refused."""
    return [each.code for each in lint(made) if each.severity == BLOCK]


def asking(*blocks: Block, **given: Any) -> Case:
    """A review request."""
    return case(
        Heading(text="率直なご感想をお聞かせください"),
        Stars(),
        *blocks,
        kind="review",
        message_class="marketing",
        topic="reviews",
        **given,
    )


def test_a_plain_letter_passes() -> None:
    assert codes(case(*LETTER)) == []
    assert promotion.classify(case(*LETTER)) == "transactional"
    assert codes(asking(Text(text="評価にかかわらず、一つひとつ拝読いたします。"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "高<b>評価</b>をお願いします", "高\u200b評価をお願いします", "高&#35413;価をお願いします",
        "{{ '★5' }}のレビューを", "高{{ '' }}評価", "{% assign x = '高評価' %}{{ x }}を",
        "高{% if product.title %}評価{% endif %}を", "５ｓｔａｒｓ please",
    ],
)  # fmt: skip
def test_no_mark_within_a_word_and_no_spelling_hides_it(text: str) -> None:
    assert codes(asking(Text(text=text))) == ["RV-3"]
    quiet = "{% if product.title == '高評価' %}いつも{% endif %}ありがとう<br>ございます"
    assert codes(asking(Text(text=quiet))) == []


def test_what_a_footer_advertises_counts() -> None:
    sale = Footer(text="全品20%OFFのセール開催中")
    story = Text(text="お届けまでのあいだ、豆の産地をご紹介いたします。" * 4)
    assert codes(case(*LETTER, story, sale)) == []
    assert "EM-3" in codes(case(*LETTER, story, ProductBlock(source="related"), sale))
    assert codes(case(*LETTER, structs.replace(sale, text=sale.text * 20))) == ["EM-3"]


@pytest.mark.parametrize(
    "block",
    [
        Picture(url="https://a.example/a.png", alt="店", link="https://g.page/r/abc/review"),
        Text(text="こちらから https://www.trustpilot.com/evaluate/a"),
        Text(text="<a href='https&#58;//www.trustpilot.com/evaluate/a'>こちら</a>から"),
    ],
)
def test_no_link_leads_to_reviews_by_another_way(block: Block) -> None:
    selling: dict[str, Any] = {"message_class": "marketing", "topic": "offers"}
    assert codes(case(*LETTER, block, **selling)) == ["RV-1"]
    reward = Text(text="評価の内容にかかわらず100ポイントを進呈し、進呈した旨を表示します。")
    assert codes(asking(reward, block)) == ["RV-5"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ product.titel }}", "LQ-2"),
        ("{{ nobody.knows }}", "LQ-2"),
        ("{{ product.title", "LQ-1"),
        ("{% if product.title %}", "LQ-1"),
        ("{{ product.title | shout }}", "LQ-1"),
    ],
)
def test_liquid_that_says_nothing_is_refused_where_it_stands(text: str, code: str) -> None:
    found = [each for each in lint(case(*LETTER, Text(text=text))) if each.severity == BLOCK]
    assert [(each.code, each.block, each.field) for each in found] == [(code, 3, "text")]


def test_names_of_loops_and_assignments_are_no_strangers() -> None:
    text = "{% assign a = product.title %}{% for b in (1..3) %}{{ a }}{{ b }}{{ forloop.index }}"
    assert codes(case(*LETTER, Text(text=text + "{% endfor %}{{ shop.name | upcase }}"))) == []


@pytest.mark.parametrize(
    ("blocks", "refused"),
    [
        ((Stars(), *LETTER), True),
        ((*LETTER, Reorder()), True),
        ((*LETTER, Button(label="もう一度", target="reorder")), True),
        ((Coupon(text="次回", code="A"), *LETTER), True),
        ((*LETTER, Coupon(text="次回", code="A"), Coupon(text="更に", code="B")), True),
        ((*LETTER, Text(text="今月のセール商品をご覧ください。" * 9)), True),
        ((*LETTER, Text(text="新商品のご案内"), Support(), Divider()), False),
    ],
)
def test_a_letter_about_an_order_advertises_at_most_a_little(
    blocks: tuple[Block, ...], refused: bool
) -> None:
    assert ("EM-3" in codes(case(*blocks))) == refused
    assert promotion.classify(case(*blocks)) == ("marketing" if refused else "incidental")


@pytest.mark.parametrize("subject", ["10%OFFのお知らせ", "Your order and a special offer"])
def test_no_advertising_in_the_subject_of_a_letter(subject: str) -> None:
    assert codes(case(*LETTER, subject=subject)) == ["EM-3"]


@pytest.mark.parametrize(
    "text",
    ["３０％ＯＦＦ", "ｸｰﾎﾟﾝのご案内", "クー\u200bポンのご案内", "次回は {{ coupon.code }} をどうぞ"],
)
def test_advertising_is_seen_however_it_is_written(text: str) -> None:
    promised = Text(text=text)
    assert promotion.classify(case(*LETTER, *LETTER[1:], promised)) == "incidental"
    assert "EM-3" in codes(case(promised, *LETTER))
    made = case(*LETTER)
    beside = structs.replace(made.content, preheader=text)
    found = [one for one in lint(replace(made, content=beside)) if one.code == "EM-3"]
    assert [(one.severity, one.field) for one in found] == [(BLOCK, "preheader")]
    assert promotion.classify(replace(made, content=beside)) == "marketing"


def test_a_fifth_of_the_height_is_as_much_as_a_fifth_of_the_words() -> None:
    banner = Picture(url="https://cdn.example/a.jpg", alt="セール")
    made = case(*LETTER, banner)
    assert promotion.classify(made) == "incidental"
    shown = [replace(one, image="x" if one.index == len(LETTER) else "") for one in made.shown]
    assert promotion.classify(replace(made, shown=tuple(shown))) == "marketing"


@given(st.lists(st.sampled_from([*LETTER, Support(), Divider(), Coupon(text="次", code="A")])))
def test_more_than_one_promotion_is_never_a_letter(blocks: list[Block]) -> None:
    promoted = sum(block.type == "coupon" for block in blocks)
    if promoted > 1:
        assert promotion.classify(case(*blocks)) == "marketing"
    if promoted == 0:
        assert promotion.classify(case(*blocks)) == "transactional"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ご満足いただけた方は、ぜひレビューをお願いします。", "RV-1"),
        ("If you loved it, leave a review.", "RV-1"),
        ("If you're happy with it, please rate us.", "RV-1"),
        ("ぜひ★5をお願いします。", "RV-3"),
        ("高評価をお待ちしております。", "RV-3"),
        ("Please give us five stars.", "RV-3"),
        ("We hope for a positive review.", "RV-3"),
        ("評価の内容にかかわらず50ポイントを進呈いたします。", "RV-4"),
        ("Googleに投稿いただいた方に特典をお送りします。", "RV-5"),
    ],
)
def test_nobody_is_asked_for_a_good_word(text: str, code: str) -> None:
    made = asking(Text(text=text))
    assert code in codes(made)
    assert code in {each.code for each in blocking(lint(made), frozenset({code}))}


@pytest.mark.parametrize(
    ("block", "refused"),
    [
        (Stars(), True),
        (Button(label="レビューを書く", target="review"), True),
        (Button(label="Google", target="url", url="https://g.page/r/abc/review"), True),
        (Text(text='<a href="https://jp.trustpilot.com/evaluate/x">こちら</a>から'), True),
        (Button(label="お店へ", target="url", url="https://hinata.example/google-coffee"), False),
        (Text(text="レビューをお寄せいただいた方にもポイントがあります。"), False),
    ],
)
def test_only_the_request_that_goes_to_all_asks_for_a_review(block: Block, refused: bool) -> None:
    given = {"message_class": "marketing", "topic": "loyalty", "kind": "loyalty-invite"}
    found = lint(case(*LETTER, block, **given))
    assert ("RV-1" in {one.code for one in blocking(found, frozenset({"RV-1"}))}) == refused
    assert "RV-1" not in codes(asking(block))


def test_an_honest_reward_passes() -> None:
    ja = "評価の内容にかかわらず50ポイントを進呈します。レビューには進呈した旨を表示いたします。"
    en = "You receive 50 points whatever your rating. Your review is marked as rewarded."
    assert codes(asking(Text(text=ja))) == codes(asking(Text(text=en))) == []


@pytest.mark.parametrize(
    "text", ["本日限りのご案内", "残り3時間です", "Limited-time prices", "Only 2 hours left"]
)
def test_haste_needs_a_deadline_that_is_true(text: str) -> None:
    given = {"message_class": "marketing", "topic": "offers", "kind": "win-back-offer"}
    assert codes(case(*LETTER, Text(text=text), **given)) == ["TM-3"]
    ends = Coupon(text="次回に", code="A", until="2026-06-30")
    assert codes(case(*LETTER, Text(text=text), ends, **given)) == []
    over = Coupon(text="次回に", code="A", until="2026-06-01")
    assert codes(case(*LETTER, Text(text=text), over, **given)) == ["C22"]


@pytest.mark.parametrize(
    ("coupon", "refused"),
    [
        (Coupon(code="A", percent="10"), True),
        (Coupon(code="A", percent="30", product="7"), True),
        (Coupon(code="A", percent="30", product="8"), False),
        (Coupon(code="A", percent="9"), False),
        (Coupon(code="A"), False),
        # ¥198 less is what the offer gave of ¥1,980; sending costs ¥500.
        (Coupon(code="A", gives="amount", amount="198"), True),
        (Coupon(code="A", gives="amount", amount="197"), False),
        (Coupon(code="A", gives="amount", amount="1,000", product="8"), False),
        (Coupon(code="A", gives="price", amount="1782"), True),
        (Coupon(code="A", gives="price", amount="1783", product="7"), False),
        (Coupon(code="A", gives="shipping"), True),
        (Text(text="次のお買い物は全品２割引です。"), True),
        (Text(text="次回500円引き、送料は別です。"), True),
        (Text(text="いまなら5%OFFです。"), False),
        (Text(text="送料無料でお届けします。"), True),
        (Button(label="Half price", target="store"), True),
        # What Okaeri hands out itself is kept from whoever was told of the deadline.
        (Coupon(source="single", percent="30", days="14"), False),
        (Coupon(source="settings", text="10%OFFのお礼です"), False),
    ],
)
def test_nothing_makes_the_thank_you_offer_untrue(coupon: Block, refused: bool) -> None:
    made = case(
        *LETTER,
        coupon,
        offers=(Offer("7", Terms(percent=10), (1_980,)),),
        message_class="marketing",
        topic="offers",
        shipping_minor=500,
        coupon_percent=10,
    )
    assert ("TM-3" in codes(made)) == refused
    assert blocking(lint(made), frozenset({"TM-3"})) == []


def test_stock_is_never_claimed_in_a_mail() -> None:
    assert codes(case(*LETTER, Text(text="残りわずかです"))) == ["TM-6"]


def test_an_offer_that_is_always_on_is_not_limited() -> None:
    coupon = Coupon(code="A", percent="10", until="2026-06-30")
    weeks = tuple(
        Limited(
            Terms(percent=10), TODAY - timedelta(days=start), TODAY - timedelta(days=start - 19)
        )
        for start in (80, 60, 40)
    )
    given: dict[str, Any] = {"message_class": "marketing", "topic": "offers"}
    assert "TM-4" in {each.code for each in lint(case(*LETTER, coupon, earlier=weeks, **given))}
    few = {each.code for each in lint(case(*LETTER, coupon, earlier=weeks[:1], **given))}
    assert "TM-4" not in few


def test_advertising_without_a_whole_footer_is_refused_and_a_letter_is_warned() -> None:
    missing = {"missing_footer": ("postal_address",)}
    assert codes(asking(**missing)) == ["EM-2"]
    assert [each.code for each in lint(case(*LETTER, **missing))] == ["EM-2"]
    assert codes(case(*LETTER, **missing)) == []


@pytest.mark.parametrize(
    "block",
    [
        Picture(url="http://a.example/x.png", alt="x"),
        Picture(url="https://a.example/x.png"),
        Picture(url="https://a.example/x.png", alt="x", width="9"),
        Button(label=""),
        Button(label="x", target="url", url="javascript:x"),
        Coupon(),
        Coupon(code="A", percent="ten"),
        Coupon(code="A", until="soon"),
        ProductBlock(source="chosen"),
        Timeline(source="own"),
        Text(),
    ],
)
def test_a_block_says_what_it_lacks(block: Block) -> None:
    made = case(*LETTER, block, message_class="marketing", topic="news")
    assert {each.block for each in lint(made) if each.code == "C22"} == {3}


def test_one_headline() -> None:
    assert "C20" in codes(case(Text(text="x"), Timeline()))
    assert "C20" in codes(case(*LETTER, Heading(text="もう一つ")))


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ('<p style="font-size:12px">small</p>', "AX-1"),
        ('<p style="color:#999999;font-size:16px">pale</p>', "AX-1"),
        ('<img src="https://a.example/x.png">', "AX-1"),
        ('<a style="display:block;padding:4px;line-height:20px">low</a>', "AX-1"),
        ('<h1 style="font-size:40px">loud</h1>', "C20"),
        ("x" * 102_001, "C21"),
        ('<div class="mj-column-per-50">two</div>', "C20"),
    ],
)
def test_what_cannot_be_read_or_pressed_is_refused(html: str, code: str) -> None:
    fine = case(*LETTER).html
    assert code in codes(case(*LETTER, html=fine + html))


def test_the_dark_face_is_read_as_programs_read_it() -> None:
    page = read(
        "<style>@media (prefers-color-scheme: dark) { .card { background-color: #232527 "
        "!important; } .ink, .ink p { color: #f3f1ee !important; } .soft { color: #333333; } }"
        '</style><div class="card" style="background-color:#ffffff"><div class="ink">'
        '<p style="color:#1c1b1a">good</p></div><p class="soft" style="color:#555555">bad</p></div>'
    )
    good, bad = page.texts
    assert good.contrast > 12
    assert good.contrast_dark > 12
    assert bad.contrast > 7
    assert bad.contrast_dark < 2


def test_a_shouting_or_long_subject_is_a_hint_only() -> None:
    found = lint(case(*LETTER, subject="ご注文ありがとうございます！！" + "長" * 30))
    assert {each.code for each in found} == {"2.2"}
    assert blocking(found) == []
