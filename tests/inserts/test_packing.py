"""From a rule to a packed box, through the pages of the admin."""

from __future__ import annotations

import csv
import io

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.clock import now
from app.inserts import queries
from app.inserts.model import InsertCard
from app.mirror.model import Order
from app.surprises.model import SurpriseCampaign, SurpriseDraw, SurpriseWin
from tests import make, sign
from tests.inserts.test_paper import words

FIRST = {
    "name": "初回のお礼",
    "active": "on",
    "words": ["first_order", "not gift"],
    "size": "a6",
    "position": "1",
    "title_ja": "{{ shop.name }}より",
    "body_ja": "{{ customer.name }}\n\nありがとうございます。",
    "title_en": "From {{ shop.name }}",
    "body_en": "{{ customer.name }}\n\nThank you.",
}
THIRD = FIRST | {"name": "3回目のお礼", "words": [], "orders": "3", "position": "2"}


def write(client: FlaskClient, shop: make.MadeShop, *cards: dict[str, object]) -> None:
    for card in cards:
        made = client.post("/app/inserts/cards", data=card, headers=sign.admin(shop.domain))
        assert made.status_code == 303, made.text


def test_who_gets_a_card_and_what_it_says(client: FlaskClient, shop: make.MadeShop) -> None:
    write(client, shop, FIRST, THIRD)
    with shop.work() as session:
        first = make.order(session)
        second = make.order(session, nth=2)
        third = make.order(session, nth=3, buyer=make.customer(session, locale="en"), locale="en")
        gift = make.order(session, note_attributes={"gift": "yes"})
        unpaid = make.order(session, financial_status="pending")
        sent = make.order(session, fulfillment_status="fulfilled")
        digital = make.order(session, items=[make.product(session, requires_shipping=False)])
        names = [one.name for one in (second, gift, unpaid, sent, digital)]
        found = {box.order.id: box.card.name for box in queries.boxes(session) if box.card}
        assert found[first.id] == "初回のお礼"
        assert second.id not in found
        assert {unpaid.id, sent.id, digital.id}.isdisjoint(found)
        chosen, others = first.id, (unpaid.id, digital.id)
        kept = (first.name, third.name)
    page = client.get("/app/inserts", headers=sign.admin(shop.domain)).text
    assert kept[0] in page

    # Whoever stands before one order finds its card there, and the list where goods travel.
    head = client.get(f"/app/orders/{chosen}", headers=sign.admin(shop.domain)).text
    assert f'href="/app/inserts/cards.pdf?order={chosen}"' in head
    without = client.get(f"/app/orders/{others[0]}", headers=sign.admin(shop.domain)).text
    assert 'class="button" href="/app/inserts"' in without
    assert "cards.pdf" not in without
    nothing = client.get(f"/app/orders/{others[1]}", headers=sign.admin(shop.domain)).text
    assert 'class="button" href="/app/inserts"' not in nothing

    one = client.get(f"/app/inserts/cards.pdf?order={chosen}", headers=sign.admin(shop.domain))
    assert one.mimetype == "application/pdf"
    said = words(one.data)
    assert "山田 太郎 様" in said
    assert kept[0] in said
    assert not any(name in said for name in names)
    everything = client.get("/app/inserts/cards.pdf", headers=sign.admin(shop.domain))
    assert kept[0] in words(everything.data)


def test_the_code_on_a_card_leads_to_the_guide(client: FlaskClient, shop: make.MadeShop) -> None:
    write(client, shop, FIRST)
    with shop.work() as session:
        make.order(session)
        (box,) = queries.boxes(session)
        assert box.card
        card = queries.printed(session, box, box.card)
    page = client.get(card.url.removeprefix("https://okaeri.test"))
    assert page.status_code == 200
    assert "ひなたブレンド" in page.text
    assert "山田" not in page.text


def test_a_packed_box_is_noted_once_with_who_packed_it(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    write(client, shop, FIRST)
    with shop.work() as session:
        order_id = make.order(session).id
    for new in (1, 0):
        answer = client.post(
            "/app/inserts/packed", data={"order": [order_id]}, headers=sign.admin(shop.domain)
        )
        assert answer.location.endswith(f"packed={new}")
    with shop.work() as session:
        assert queries.boxes(session) == []
        ((noted, order),) = queries.packed(session)
        assert (noted.card_name, noted.packed_by) == ("初回のお礼", sign.STAFF)
        assert order.id == order_id
    assert client.get("/app/inserts/cards.pdf", headers=sign.admin(shop.domain)).status_code == 404


def test_the_packing_list_names_cards_and_presents(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        order = make.order(session, nth=2, name="=1+1")
        _present(session, order)
    answer = client.get("/app/inserts/packing-list.csv", headers=sign.admin(shop.domain))
    head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[0] == "注文"
    assert row[0] == "'=1+1"
    assert row[3] == "焼き菓子"


def _present(session: Session, order: Order) -> None:
    """An extra that was drawn for an order."""
    at = now(session)
    campaign = SurpriseCampaign(
        shop_id=order.shop_id, name="x", what="extra", gift_ja="焼き菓子", gift_en="A cookie",
        handover="box", value_minor=300, cost_minor=100, budget_minor=1000, least_minor=100,
        winners=1, share=0, holdout=0, days=7, created_at=at,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    draw = SurpriseDraw(
        shop_id=order.shop_id, campaign_id=campaign.id, number=1, opens_at=at, closes_at=at,
        terms={}, sealed_seed="", commitment="", drawn_at=at, state="done",
    )  # fmt: skip
    session.add(draw)
    session.flush()
    session.add(
        SurpriseWin(
            shop_id=order.shop_id, draw_id=draw.id, campaign_id=campaign.id, order_id=order.id,
            customer_id=order.customer_id, cost_minor=100, won_at=at,
        )
    )  # fmt: skip


def test_a_wrong_card_says_what_is_wrong(client: FlaskClient, shop: make.MadeShop) -> None:
    wrong = FIRST | {"body_ja": "{{ customer.nam }}", "orders": "many", "size": "a3", "name": " "}
    page = client.post("/app/inserts/cards", data=wrong, headers=sign.admin(shop.domain))
    assert page.status_code == 422
    assert "customer.nam" in page.text
    assert page.text.count("field__error") == 4
    with shop.work() as session:
        assert queries.cards(session) == []


def test_the_card_to_begin_with_can_be_kept_and_sampled(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    form = client.get("/app/inserts/cards/new", headers=sign.admin(shop.domain)).text
    assert "{{ customer.name }}" in form
    write(client, shop, FIRST)
    with shop.work() as session:
        number = queries.cards(session)[0].id
    for language, name in (("ja", "山田 太郎 様"), ("en", "Sarah")):
        sample = client.get(
            f"/app/inserts/cards/{number}/sample-{language}.pdf", headers=sign.admin(shop.domain)
        )
        assert name in words(sample.data)
    foreign = client.get(f"/app/inserts/cards/{number}", headers=sign.admin(other_shop.domain))
    assert foreign.status_code == 404
    gone = client.post(f"/app/inserts/cards/{number}/remove", headers=sign.admin(shop.domain))
    assert gone.status_code == 303
    with shop.work() as session:
        assert session.get(InsertCard, (shop.id, number)) is None
