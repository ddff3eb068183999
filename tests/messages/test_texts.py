"""A shop's own words: blocks, what fills them, and what becomes of them when nothing does."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.channels.memory import MemoryChannel
from app.core.errors import GiveUp
from app.core.locale import LANGUAGES, use_locale
from app.messages import jobs, kinds, prose, samples
from app.messages.facts import TEST, gather
from app.messages.render import render
from app.messages.texts import cases, own, shipped, store
from app.messages.texts.blocks import (
    Button,
    Content,
    Coupon,
    Divider,
    Footer,
    Heading,
    Order,
    Parcel,
    Picture,
    ProductBlock,
    Reorder,
    Stars,
    Text,
    Timeline,
    dump,
    load,
    tidy,
)
from app.messages.texts.marks import pieces
from app.messages.texts.store import Place
from tests import make
from tests.messages.conftest import Bought, buy, leads_to


def letter(*blocks: object, subject: str = "件名") -> Content:
    return Content(subject=subject, preheader="", blocks=tidy((*blocks, Footer())))  # type: ignore[arg-type]


def publish(bought: Bought, content: Content, kind: str = "next-steps", use: str = "") -> None:
    with bought.shop.work() as session:
        row = store.keep(session, Place(kind, "ja", use), content)
        store.publish(session, row, "7", [])


@given(st.text(max_size=300))
def test_no_text_becomes_other_markup_than_the_few_marks(text: str) -> None:
    for piece in pieces(text, "#111111"):
        tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", "".join(piece.items)))
        assert tags <= {"b", "strong", "a", "ul", "ol", "li", "br"}


def test_marks_are_kept_and_everything_else_goes() -> None:
    found = pieces(
        '<b>太字</b><script>x()</script>と<a href="https://a.example/?a=1&b=2" onclick="x()">'
        'ここ</a>\n\n<a href="javascript:x()">だめ</a>\n\n- 一\n- 二',
        "#123456",
    )
    assert [piece.tag for piece in found] == ["p", "p", "ul"]
    assert "script" not in found[0].items[0]
    assert 'style="color:#123456;"' in found[0].items[0]
    assert "javascript" not in found[1].items[0]
    assert found[0].plain == "太字とここ ( https://a.example/?a=1&b=2 )"
    assert found[2].plain == "- 一\n- 二"


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'xxxxxxxxxx' " + "| replace: '', 'zzzzzzzzzzzzzzzzzzzz' " * 6 + "}}",
        "{{ (1..100000000) | join: 'x' }}",
        "{{ (1..100000000) | sort | first }}",
        "{% assign a = 'xx' %}{% for i in (1..900) %}{% assign a = a | append: a %}{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}",
        "{{ '9' | times: 'x' | divided_by: 0 }}",
    ],
)
def test_a_text_that_grows_without_end_stops_with_its_place(text: str) -> None:
    with pytest.raises(GiveUp, match=r"^block 1"):
        prose.say("block 1 (text)", text, {})


def test_blocks_are_kept_and_a_footer_is_always_last() -> None:
    content = letter(Heading(text="見出し"), Coupon(code="A"), Divider())
    moved = (content.blocks[-1], *content.blocks[:-1])
    assert tidy(moved)[-1] == Footer()
    assert load("件名", "", dump(content)) == content
    assert load("件名", "", [{"type": "text", "text": "x"}]).blocks[-1] == Footer()


def test_every_shipped_text_becomes_blocks_that_say_the_same(shop: make.MadeShop) -> None:
    bought = buy(shop)
    for name in kinds.all_kinds():
        for language in LANGUAGES:
            with shop.work() as session, use_locale(language):
                facts = gather(
                    session,
                    kinds.kind(name),
                    order_id=bought.order_id,
                    customer_id=None,
                    subject_ids=bought.ids,
                    message_class=TEST,
                    locale=language,
                )
                mail = samples.preview(session, kinds.kind(name), language)
                blocks = own.with_products(session, shipped.content(name, language), facts)
                theirs, ours = render(mail), render(mail, blocks)
            assert ours.subject == theirs.subject
            assert words(theirs.plain) <= words(ours.plain), (name, language)
            assert links(ours.html) == links(theirs.html), (name, language)


def words(plain: str) -> set[str]:
    """The words of a plain part; where its lines break is a matter of the frame."""
    return set(plain.split())


def links(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', html)


def test_a_shops_words_are_sent_in_place_of_ours(bought: Bought, mailbox: MemoryChannel) -> None:
    publish(
        bought,
        letter(
            Heading(text="{{ customer.name }}、ありがとうございます"),
            Text(text="<b>{{ product.title }}</b>を包んでいます。\n\n二段落目 <script>x</script>"),
            Button(label="配送状況", target="track"),
            Order(),
            subject="【{{ shop.name }}】わたしたちの言葉で",
        ),
    )
    bought.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert envelope.headers["Subject"] == "【ひなたコーヒー】わたしたちの言葉で"
    assert "<b>ひなたブレンド 200g</b>を包んでいます。" in envelope.html
    assert "<script" not in envelope.html
    assert "ひなたブレンド 200gを包んでいます。" in envelope.plain
    assert any(url.startswith("https://okaeri.test/t/") for url in leads_to(envelope.html))
    assert any(url.startswith("https://okaeri.test/t/") for url in leads_to(envelope.plain))
    # What the law asks for stands below, whatever the shop writes.
    for part in (envelope.html, envelope.plain):
        assert "株式会社ひなた" in part


def test_one_step_may_say_it_differently(bought: Bought, mailbox: MemoryChannel) -> None:
    publish(bought, letter(Heading(text="いつも"), subject="いつもの"))
    publish(bought, letter(Heading(text="ここだけ"), subject="ここだけ"), use="test/hello")
    bought.say("next-steps", "test:1:hello", step="hello")
    bought.say("next-steps", "test:2:thanks", step="thanks")
    jobs.send_transactional()
    assert [sent.headers["Subject"] for sent in mailbox.sent] == ["ここだけ", "いつもの"]


def test_values_are_escaped_in_texts_with_marks(bought: Bought, mailbox: MemoryChannel) -> None:
    bought.change_customer(last_name="<b>太</b>", first_name="&")
    publish(bought, letter(Text(text="{{ customer.name }}"), Heading(text="{{ customer.name }}")))
    bought.say("next-steps")
    jobs.send_transactional()
    assert "<b>太" not in mailbox.sent[0].html


def test_a_mistake_stops_that_message_and_no_other(bought: Bought, mailbox: MemoryChannel) -> None:
    publish(bought, letter(Text(text="{{ 'x' | nonsense }}")))
    broken, fine = bought.say("next-steps"), bought.say("shipped")
    jobs.send_transactional()
    message = bought.again(broken)
    assert (message.state, message.reason) == ("failed", "template_error")
    assert "block 1 (text)" in (message.error or "")
    assert bought.again(fine).state == "sent"
    assert len(mailbox.sent) == 1


def test_what_is_not_there_disappears_or_says_what_the_shop_wrote(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    del bought.ids["parcel_id"]
    publish(
        bought,
        letter(
            Heading(text="見出し"),
            Parcel(fallback="番号は追ってお知らせします。"),
            Picture(url="http://insecure.example/x.png", alt="x"),
            ProductBlock(source="chosen", product="404", fallback=""),
            Coupon(code="", text="消える"),
            Coupon(code="OLD", text="期限切れ", until="2020-01-01", fallback="終わりました。"),
            Button(label="", target="track"),
        ),
    )
    bought.say("next-steps")
    jobs.send_transactional()
    html = mailbox.sent[0].html
    assert "番号は追ってお知らせします。" in html
    assert "終わりました。" in html
    assert not re.search(r"insecure|消える|期限切れ|OLD|/t/", html)


def test_every_block_has_its_place_in_both_parts(bought: Bought, mailbox: MemoryChannel) -> None:
    with bought.shop.work() as session:
        offered, _variant = make.product(session, title="木のさじ", handle="saji")
    publish(
        bought,
        letter(
            Heading(text="大見出し"),
            Heading(text="小見出し", level="sub"),
            Picture(url="https://cdn.example/p.png", alt="湯気の立つ一杯", width="9999"),
            ProductBlock(),
            ProductBlock(source="chosen", product=str(offered.shopify_id)),
            Stars(),
            Timeline(source="own", rows="包む｜ていねいに\n送る"),
            Timeline(),
            Reorder(label="もう一度"),
            Coupon(text="次回に", code="MATA10", until="2999-01-31"),
            Divider(),
            Footer(text="いつもの挨拶"),
        ),
        kind="review",
    )
    bought.say("review")
    with bought.shop.work() as session:
        store_row = store.published(session, Place("review", "ja"))
        assert store_row is not None
        facts = gather(
            session,
            kinds.kind("review"),
            order_id=bought.order_id,
            customer_id=bought.customer_id,
            subject_ids=bought.ids,
        )
        with use_locale("ja"):
            mail = samples.context.build(session, facts, message_id=1, run_id=1)
            made = render(mail, own.with_products(session, store.content_of(store_row), facts))
    for said in ("小見出し", "湯気の立つ一杯", "木のさじ", "/products/saji", "?stars=3", "包む",
                 "ていねいに", "もう一度", "MATA10", "いつもの挨拶", "/r/"):  # fmt: skip
        assert said in made.html, said
        assert said in made.plain, said
    assert 'width="520"' in made.html
    assert made.html.count("<h1") == 1


def test_versions_only_grow(app: Flask, shop: make.MadeShop) -> None:
    place = Place("review", "ja")
    with shop.work() as session:
        first = store.keep(session, place, letter(Text(text="一")))
        store.publish(session, first, "7", ["EM-3"])
        second = store.keep(session, place, letter(Text(text="二")))
        store.publish(session, second, "7", [])
        assert [row.version for row in store.history(session, place)] == [2, 1]
        assert first.overrides[0]["code"] == "EM-3"
        again = store.restore(session, place, first)
        assert (again.version, again.state) == (3, "draft")
        assert store.starting(session, place).blocks[0] == Text(text="一")
        store.back_to_shipped(session, place)
        assert store.published(session, place) is None
        assert store.starting(session, place) == shipped.content("review", "ja")
        assert [row.state for row in store.history(session, place)] == ["retired", "retired"]


def test_a_footer_of_several_lines_and_of_any_letters_is_seen_as_whole(app: Flask) -> None:
    footer = {
        "legal_name": "O'Neil & Sons",
        "postal_address": "〒150-0001\r\n東京都渋谷区神宮前1-2-3",
    }
    shop = make.shop(settings=footer)
    with app.app_context(), shop.work() as session:
        for language in ("ja", "en"):
            found = cases.shipped_findings(session, Place("win-back-miss", language))
            assert "EM-2" not in {one.code for one in found}
