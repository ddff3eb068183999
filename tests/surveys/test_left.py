"""The question of the last win-back message: from its link to what the merchant reads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec import structs
from sqlalchemy import Engine, select

from app.channels.memory import MemoryChannel
from app.core import clock, links
from app.core.locale import use_locale
from app.journal import queries as journal
from app.journeys import queries as journeys
from app.journeys import service as journey_service
from app.journeys.conditions import holding
from app.journeys.definitions import presets
from app.journeys.known import Known
from app.messages import context, jobs, line_cards
from app.messages.facts import gather
from app.messages.kinds import kind
from app.messages.render import render
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.surveys import queries, service
from app.surveys.model import SurveyAnswer
from tests import make, sign
from tests.messages.conftest import Bought, bought, leads_to, noon

__all__ = ["bought", "noon"]

KIND = "win-back-why"
REASONS = ["price", "product", "delivery", "elsewhere", "later", "messages", "other"]


@pytest.fixture
def link(bought: Bought) -> str:
    """The link of a message's question, without an answer."""
    return page_of(bought.shop, bought.order_id)


def page_of(shop: make.MadeShop, order_id: int, *, purpose: str = "survey", days: int = 90) -> str:
    with shop.work() as session:
        subject = {"order": order_id, "question": "left", "message": 7, "run": 8}
        expires = clock.now(session) + timedelta(days=days)
        return f"/survey/{links.sign(shop.id, purpose, subject, expires)}"


def kept(shop: make.MadeShop) -> list[tuple[str, str]]:
    with shop.work() as session:
        return [(row.answer, row.words) for row in session.scalars(select(SurveyAnswer))]


def admin(client: FlaskClient, shop: make.MadeShop, path: str, **form: str) -> str:
    headers = {**sign.admin(shop.domain), "Okaeri-Locale": "en"}
    go = client.post if form else client.get
    return go(f"/app{path}", data=form or None, headers=headers).text


def test_a_tap_in_the_mail_is_an_answer_once_its_button_is_pressed(
    client: FlaskClient, bought: Bought, owner: Engine, mailbox: MemoryChannel
) -> None:
    message = bought.say(KIND, journey="win-back")
    clock.shift_to(owner, clock.business_now(owner) + timedelta(hours=20))
    jobs.send_marketing()
    (mail,) = mailbox.sent
    for part in (mail.html, mail.plain):
        taps = [url.partition("okaeri.test")[2] for url in leads_to(part) if "/survey/" in url]
        assert [url.partition("?answer=")[2] for url in taps] == REASONS
    assert "このメールへのご返信でも承ります" in mail.plain
    # Scanners open every link, some of them twice.
    for url in taps:
        assert client.head(url).status_code == 200
    page = client.get(taps[2])
    assert re.findall(r'value="(\w+)" id="[\w-]+" required checked', page.text) == ["delivery"]
    assert kept(bought.shop) == []
    done = client.post(taps[2], data={"answer": "delivery", "words": "箱が\r\n大きい"})
    assert done.status_code == 303
    thanks = client.get(done.location).text
    assert "お答え：送料やお届けに不満があった" in thanks
    assert "/preferences/" not in thanks
    with bought.shop.work() as session:
        answer = session.scalars(select(SurveyAnswer)).one()
        assert (answer.order_id, answer.message_id) == (bought.order_id, message.id)
        assert answer.words == "箱が\n大きい"


def test_an_answer_can_be_changed_and_is_one(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    for answer in ("price", "price", "messages"):
        client.post(link, data={"answer": answer, "words": "高い"})
    assert kept(bought.shop) == [("messages", "高い")]
    with bought.shop.work() as session:
        told = [entry.kind for entry in journal.of_order(session, bought.order_id)]
        # The same answer again is none.
        assert told.count("SurveyAnswered") == 2
        answer = session.scalars(select(SurveyAnswer)).one()
        assert (answer.message_id, answer.run_id) == (7, 8)
    thanks = client.get(f"{link}?lang=en").text
    # Who hears too much is shown the way, and nothing is changed by itself.
    (centre,) = re.findall(r'href="(/preferences/[^"]+)"', thanks)
    assert client.get(centre).status_code == 200
    again = client.get(f"{link}?answer=other").text
    assert 'value="other" id="answer-other" required checked' in again
    assert ">高い</textarea>" in again


def test_only_its_answers_are_taken_and_what_was_written_stays(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    for answer in ("", "perhaps"):
        page = client.post(link, data={"answer": answer, "words": "ひとこと"})
        assert page.status_code == 422
        assert 'id="answer-error"' in page.text
        assert ">ひとこと</textarea>" in page.text
    assert client.post(link, data={"answer": "price", "words": "あ" * 1001}).status_code == 422
    assert kept(bought.shop) == []


def test_a_link_that_is_not_ours_or_over_asks_nothing(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    shop, order = bought.shop, bought.order_id
    wrong = {
        f"{link}x": 403,
        page_of(shop, order, purpose="review"): 403,
        page_of(shop, order, days=0): 410,
        page_of(make.shop("other.myshopify.com"), order): 404,
    }
    for path, status in wrong.items():
        assert client.get(path).status_code == status
        assert client.post(path, data={"answer": "price"}).status_code == status
    assert kept(shop) == []


def test_who_is_forgotten_stays_forgotten(client: FlaskClient, bought: Bought, link: str) -> None:
    client.post(link, data={"answer": "other", "words": "ひとこと"})
    with bought.shop.work() as session:
        customer = session.get_one(Customer, (bought.shop.id, bought.customer_id))
        (told,) = service.export_person(session, customer).values()
        assert told == {"left": "other", "left.words": "ひとこと"}
        assert service.erase_person(session, customer) == 1
        order = session.get_one(Order, (bought.shop.id, bought.order_id))
        order.redacted_at = clock.now(session)
    assert client.post(link, data={"answer": "price"}).status_code == 410
    assert kept(bought.shop) == []


def test_the_merchant_reads_it_and_may_stop_asking(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    assert 'name="on" value="0">Stop asking' in admin(client, bought.shop, "/survey")
    client.post(link, data={"answer": "price"})
    client.post(link, data={"answer": "elsewhere", "words": "=1+1"})
    page = admin(client, bought.shop, "/survey")
    assert "<td>I found it elsewhere</td>" in page
    assert "<li>=1+1 <span" in page
    assert "I found it elsewhere,'=1+1," in admin(client, bought.shop, "/survey/answers.csv")
    story = admin(client, bought.shop, f"/orders/{bought.order_id}")
    # What was answered at first stands no more, and is told once.
    assert story.count("The customer answered a question") == 1
    assert "not ordered again? I found it elsewhere" in story
    admin(client, bought.shop, "/survey/left", on="0")
    with bought.shop.work() as session:
        assert queries.mailed(session, "left", "ja") is None
        # It takes no place of what the page asks, and is nothing that the page asked.
        service.switch(session, "gift", on=True)
        asked, answered = queries.asked(session, bought.order_id)
        assert ([one.key for one in asked], answered) == (["gift"], False)
        facts = gather(
            session, kind(KIND), order_id=bought.order_id, customer_id=None, subject_ids={}
        )
        with use_locale("ja"):
            mail = context.build(session, facts, message_id=1, run_id=None)
            made = render(mail)
    assert "/survey/" not in made.html + made.plain
    assert "mailto:" in made.html
    # Who was asked before may still answer.
    assert client.get(f"{link}?answer=price").status_code == 200


def test_journeys_follow_the_answer_and_line_shows_every_reason(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    client.post(link, data={"answer": "messages"})
    words = ("survey:left:messages", "survey:left:price")
    steered = structs.replace(presets()["win-back"], when=words)
    with bought.shop.work() as session:
        order = mirror.order(session, bought.order_id)
        lines = mirror.order_lines(session, order.id)
        found = holding(Known(session, steered, order, lines, None, []))
        assert found & set(words) == {"survey:left:messages"}
        facts = gather(session, kind(KIND), order_id=order.id, customer_id=None, subject_ids={})
        with use_locale("ja"):
            mail = context.build(session, facts, message_id=1, run_id=None)
            _alt, _plain, drawn = line_cards.draw(mail, 1)
    body, foot = drawn["contents"]["body"]["contents"], drawn["contents"]["footer"]["contents"]
    taps = [one["action"]["uri"] for one in body[-1]["contents"]]
    assert [url.partition("?answer=")[2] for url in taps] == REASONS
    # The way out is no more than a link below them.
    assert [one["style"] for one in foot] == ["link"]


def typed(shop: make.MadeShop, key: str = "left", **changes: str) -> dict[str, str]:
    """The form of a question's words as the page fills it in, with some fields changed:
    `ja_price="…"`."""
    with shop.work() as session:
        form = {
            f"{key}.{language}.{value}": label
            for language, kept in queries.texts(session, key).items()
            for value, label in [("question", kept.question), *kept.options]
        }
    for name, text in changes.items():
        form[f"{key}.{name.replace('_', '.', 1)}"] = text
    return {**form, "do": "save"}


def test_the_merchant_asks_in_own_words_and_what_was_answered_stays(
    client: FlaskClient, bought: Bought, link: str
) -> None:
    shop = bought.shop
    client.post(link, data={"answer": "elsewhere"})
    page = admin(client, shop, "/survey")
    assert 'name="left.ja.price" type="text" value="価格が高かった"' in page
    assert "Back to the words" not in page
    form = typed(
        shop, ja_question="お休みの理由は？", ja_price="お値段", en_price="Too dear",
        ja_elsewhere="", en_elsewhere="", ja_new1="引っ越した", en_new1="I moved",
    )  # fmt: skip
    assert "Back to the words" in admin(client, shop, "/survey/left/words", **form)
    asked = client.get(f"{link}?lang=ja&answer=price").text
    assert "お休みの理由は？" in asked
    assert re.findall(r'name="answer" value="(\w+)"', asked) == [
        *(one for one in REASONS if one != "elsewhere"),
        "o1",
    ]
    # What can no longer be chosen is not taken, and what it was stays readable.
    assert client.post(link, data={"answer": "elsewhere"}).status_code == 422
    assert "<td>I found it elsewhere</td>" in admin(client, shop, "/survey")
    assert "I found it elsewhere" in admin(client, shop, "/survey/answers.csv")
    with shop.work() as session:
        facts = gather(
            session, kind(KIND), order_id=bought.order_id, customer_id=None, subject_ids={}
        )
        with use_locale("ja"):
            made = render(context.build(session, facts, message_id=1, run_id=None))
    assert "お値段" in made.html
    assert "ほかのお店で購入した" not in made.html
    client.post(link, data={"answer": "o1"})
    assert kept(shop) == [("o1", "")]
    # Ours again; the merchant's own answer stays readable.
    page = admin(client, shop, "/survey/left/words", do="shipped")
    assert "Back to the words" not in page
    assert "<td>I moved</td>" in page
    assert "I moved" not in client.get(f"{link}?lang=en&answer=price").text


def test_words_that_do_not_do_are_refused_where_they_stand(
    client: FlaskClient, bought: Bought
) -> None:
    shop = bought.shop
    form = typed(
        shop, en_question=" ", ja_later="", en_price="x" * 121, en_other="Too many messages"
    )
    page = admin(client, shop, "/survey/left/words", **form)
    for field in ("en.question", "ja.later", "en.price", "en.other"):
        assert f'id="e-left.{field}"' in page
    assert '<details class="more" open' in page
    few = typed(shop, **{f"{tongue}_{one}": "" for one in REASONS[1:] for tongue in ("ja", "en")})
    assert "Offer 2 to 10 answers." in admin(client, shop, "/survey/left/words", **few)
    gift = typed(shop, "gift", ja_no="", en_no="", ja_new1="秘密", en_new1="A secret")
    assert "neither can go" in admin(client, shop, "/survey/gift/words", **gift)
    with shop.work() as session:
        assert queries.questions(session) == []
    # A question that is not asked may be worded before it is.
    admin(client, shop, "/survey/gift/words", **typed(shop, "gift", ja_yes="はい！", en_yes="Yes!"))
    with shop.work() as session:
        assert [(one.key, one.active) for one in queries.questions(session)] == [("gift", False)]
    headers = sign.admin(shop.domain)
    unknown = client.post("/app/survey/own-9/words", data={"do": "save"}, headers=headers)
    assert unknown.status_code == 404


def test_a_journey_names_an_answer_in_the_words_that_the_shop_asks_in(
    client: FlaskClient, bought: Bought
) -> None:
    shop = bought.shop
    with shop.work() as session:
        text = journeys.export_definition(session, "win-back")
        steered = text.replace('when = ["paid"', 'when = ["survey:left:price"', 1)
        assert steered != text
        journey_service.publish(session, "win-back", steered, "7", move_running=False)
    shipped = queries.shipped("left", "en")
    said = f"Who answered “{shipped.question} {shipped.labels['price']}”"
    assert said in admin(client, shop, "/journeys/win-back")
    form = typed(shop, en_question="Why the break?", en_price="Too dear")
    admin(client, shop, "/survey/left/words", **form)
    for path in ("/journeys/win-back", "/journeys/win-back/edit"):
        page = admin(client, shop, path)
        assert "Why the break? Too dear" in page
