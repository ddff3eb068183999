"""The review page through its door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import links
from app.core.clock import now
from app.journal import queries as journal
from app.mirror import queries as mirror
from app.reviews.model import Review
from tests import make


@pytest.fixture
def link(app: Flask, shop: make.MadeShop) -> tuple[str, int]:
    """A review link for the only line of an order, and the order's id."""
    with shop.work() as session:
        order = make.order(session)
        (line,) = mirror.order_lines(session, order.id)
        subject = {"order": order.id, "line": line.id, "message": 7}
        token = links.sign(shop.id, "review", subject, now(session) + timedelta(days=90))
        return f"/reviews/{token}", order.id


def stored(shop: make.MadeShop) -> int:
    with shop.work() as session:
        return session.scalar(select(func.count()).select_from(Review)) or 0


def test_the_fourth_star_is_chosen_and_nothing_is_stored(
    client: FlaskClient, shop: make.MadeShop, link: tuple[str, int]
) -> None:
    page = client.get(f"{link[0]}?stars=4")
    assert page.status_code == 200
    assert 'value="4" id="star-4" required checked' in page.text
    # The arrow keys walk the stars in this order.
    assert re.findall(r'id="star-(\d)"', page.text) == ["1", "2", "3", "4", "5"]
    assert "ひなたブレンド 200g" in page.text
    assert stored(shop) == 0


def test_submitting_stores_it_once(
    client: FlaskClient, shop: make.MadeShop, link: tuple[str, int]
) -> None:
    first = client.post(link[0], data={"stars": "4", "body": "香りが良い"})
    assert first.status_code == 303
    again = client.post(link[0], data={"stars": "1", "body": "別の意見"}, follow_redirects=True)
    assert "星5つ中4つの評価" in again.text
    with shop.work() as session:
        (review,) = session.scalars(select(Review)).all()
        assert (review.stars, review.body) == (4, "香りが良い")
        assert review.evidence == {"asked_by_message": 7}
        told = [entry.kind for entry in journal.of_order(session, link[1])]
        assert told.count("ReviewSubmitted") == 1


def test_without_a_star_the_form_comes_back_with_the_words_kept(
    client: FlaskClient, shop: make.MadeShop, link: tuple[str, int]
) -> None:
    page = client.post(link[0], data={"stars": "9", "body": "とても良い豆でした"})
    assert page.status_code == 422
    assert "星を1つから5つの間でお選びください" in page.text
    assert "とても良い豆でした" in page.text
    assert stored(shop) == 0


@pytest.mark.parametrize("stars", ["1", "5"])
def test_one_star_and_five_meet_the_same_page(
    client: FlaskClient, link: tuple[str, int], stars: str
) -> None:
    page = client.get(f"{link[0]}?stars={stars}").text
    assert page.replace(" checked", "") == client.get(link[0]).text.replace(" checked", "")


def test_a_link_of_another_purpose_or_age_is_refused(
    app: Flask, client: FlaskClient, shop: make.MadeShop, link: tuple[str, int]
) -> None:
    with shop.work() as session:
        old = links.sign(shop.id, "review", {"order": 1, "line": 1}, now(session))
        other = links.sign(shop.id, "track", {"order": 1}, now(session) + timedelta(days=1))
    assert client.get(f"/reviews/{old}").status_code == 410
    assert client.get(f"/reviews/{other}").status_code == 403
    assert client.get(link[0] + "x").status_code == 403


def test_a_line_of_another_order_does_not_exist(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        one, other = make.order(session), make.order(session)
        (line,) = mirror.order_lines(session, other.id)
        subject = {"order": one.id, "line": line.id}
        token = links.sign(shop.id, "review", subject, now(session) + timedelta(days=1))
    assert client.get(f"/reviews/{token}").status_code == 404
