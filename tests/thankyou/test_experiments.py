"""An experiment from the form to its result, through the doors that merchant and shoppers take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.clock import now
from app.core.locale import use_locale
from app.discounts.model import DiscountCode
from app.experiments import queries, rules, service
from app.experiments.model import Experiment, ExperimentVisitor
from app.experiments.rules import HOLDOUT
from app.mirror.model import Customer, Order
from app.thankyou.modules import PARTS, arranged
from app.thankyou.modules.words import names
from tests import make, sign
from tests.thankyou.conftest import Ask, Offering

Later = Callable[..., None]
TYPED = {
    "name": "お知らせの日を先に",
    "a_share": "50",
    "a_reminder": "1",
    "a_offer": "2",
    "a_line": "3",
    "window_days": "7",
    "usual": "50",
    "difference": "45",
    "ends_on": "2199-12-31",
}


@pytest.fixture
def admin(client: FlaskClient, offering: Offering) -> Callable[..., Any]:
    """Ask the admin as staff does; `typed` makes it a POST."""

    def ask(path: str, typed: dict[str, str] | None = None) -> Any:
        headers = sign.admin(offering.shop.domain)
        if typed is None:
            return client.get(f"/app/experiments{path}", headers=headers)
        return client.post(f"/app/experiments{path}", data=typed, headers=headers)

    return ask


@pytest.fixture
def running(admin: Callable[..., Any], offering: Offering) -> int:
    """An experiment that runs: half see the reminder first, half are held out."""
    made = admin("/new", TYPED)
    assert made.status_code == 303, made.text
    number = int(made.location.rsplit("/", 1)[-1])
    assert admin(f"/{number}/start", {}).status_code == 303
    return number


def buy(offering: Offering, token: str, **given: Any) -> int:
    with offering.shop.work() as session:
        return make.order(session, checkout_token=token, **given).id


def arm_of(offering: Offering, order_id: int) -> str:
    """The arm that the lot gives an order's buyer."""
    with offering.shop.work() as session:
        found = session.scalars(select(Experiment).where(Experiment.state == "running")).one()
        order = session.get_one(Order, (offering.shop.id, order_id))
        subject = rules.subject(found.salt, queries.person_of(order))
        return rules.assigned(subject, rules.arms_of(found.arms)).key


def tokens_by_arm(offering: Offering) -> dict[str, str]:
    """A checkout's token of each arm."""
    found: dict[str, str] = {}
    for number in range(40):
        token = f"lot-{number}"
        found.setdefault(arm_of(offering, buy(offering, token)), token)
        if len(found) == 2:
            break
    return found


def test_each_sees_their_arm_and_the_holdout_what_the_order_needs(
    running: int, offering: Offering, ask: Ask
) -> None:
    tokens = tokens_by_arm(offering)
    shown = ask(tokens["a"])
    assert shown["order"] == arranged(("reminder", "offer", "line"))
    assert [one["key"] for one in shown["modules"]] == ["reminder"]
    assert shown["offer"] is not None
    assert shown["line"] is not None
    held_out = ask(tokens[HOLDOUT])
    assert held_out["order"] == arranged(())
    assert held_out["modules"] == []
    assert held_out["offer"] is held_out["line"] is held_out["ask_again_in"] is None
    assert held_out["tracking_url"]
    assert held_out["support"]["email"]
    assert held_out["steps"][0]["key"] == "received"
    with offering.shop.work() as session:
        used = select(DiscountCode.id).where(DiscountCode.state != "free")
        assert len(session.scalars(used).all()) == 1


def test_an_arm_is_kept_and_its_first_sight_is_noted_once(
    running: int, offering: Offering, ask: Ask, later: Later
) -> None:
    token = tokens_by_arm(offering)["a"]
    first = ask(token)
    later(days=1)
    for again in (ask(token, locale="en"), ask(token, surface="order_status")):
        assert again["order"] == first["order"]
    with offering.shop.work() as session:
        (visitor,) = session.scalars(select(ExperimentVisitor)).all()
        assert now(session) - visitor.exposed_at > timedelta(hours=23)
        # Whatever the lot would say now, what was noted counts.
        session.execute(update(Experiment).values(arms=msgspec.to_builtins([
            rules.Arm(key="a", share=0, parts=("line",)), rules.Arm(key=HOLDOUT, share=100),
        ])))  # fmt: skip
    assert ask(token)["order"] == arranged(("offer", "line"))


def test_a_person_sees_one_arm_whatever_they_order_and_strangers_see_none(
    running: int, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        buyer = make.customer(session)
        for number in range(4):
            make.order(session, checkout_token=f"own-{number}", buyer=buyer)
    pages = {tuple(ask(f"own-{number}")["order"]) for number in range(4)}
    assert len(pages) == 1
    early = ask("nobody-yet")
    assert early["order"] == arranged(())
    assert early["line"] is None
    assert early["ask_again_in"] == 2
    before = buy(offering, "before", age=timedelta(hours=1))
    assert ask("before")["order"] == arranged(PARTS)
    with offering.shop.work() as session:
        visitors = session.scalars(select(ExperimentVisitor.order_id)).all()
        assert len(visitors) == 1
        assert before not in visitors


def test_the_result_waits_then_stands_and_can_be_used(
    running: int, offering: Offering, ask: Ask, admin: Callable[..., Any], later: Later
) -> None:
    fill(offering, running)
    page = admin(f"/{running}").text
    assert "まだ表示できません" in page
    assert 'data-testid="outcome"' not in page
    assert admin(f"/{running}/apply", {"arm": "a"}).status_code == 409
    later(days=8)
    page = admin(f"/{running}").text
    assert page.count('data-testid="outcome"') == 2
    assert "向上" in page
    assert admin(f"/{running}/stop", {}).status_code == 303
    with offering.shop.work() as session:
        kept = queries.experiment(session, running).result
        assert kept is not None
        people = kept["a"]["people"]
        assert kept["a"]["buyers"] == people > 10
        assert kept[HOLDOUT]["buyers"] == 0
        assert kept["a"]["amount_minor"] == people * 500
    buy(offering, "after")
    assert ask("after")["order"] == arranged(PARTS)
    assert admin(f"/{running}/apply", {"arm": "a"}).status_code == 303
    assert ask("after")["order"] == arranged(("reminder", "offer", "line"))
    assert TYPED["name"] in admin("").text
    assert admin("/withdraw", {}).status_code == 303
    assert ask("after")["order"] == arranged(PARTS)


def fill(offering: Offering, experiment_id: int) -> None:
    """As many people as it takes; those who saw the arm come again, the others do not."""
    with offering.shop.work() as session:
        found = queries.experiment(session, experiment_id)
        goods = [make.product(session, price_minor=500)]
        missing = dict(found.needed)
        while any(count > 0 for count in missing.values()):
            buyer = make.customer(session)
            order = make.order(session, items=goods, buyer=buyer)
            arm = service.join(session, found, order)
            assert arm is not None
            missing[arm.key] -= 1
            if arm.key == "a":
                make.order(session, items=goods, buyer=buyer, placed_at=now(session) + timedelta(1))
            cancelled = {"cancelled_at": now(session), "placed_at": now(session) + timedelta(2)}
            make.order(session, items=goods, buyer=buyer, **cancelled)


def test_stopped_early_it_concludes_nothing(
    running: int, offering: Offering, ask: Ask, admin: Callable[..., Any], later: Later
) -> None:
    ask(tokens_by_arm(offering)["a"])
    assert admin(f"/{running}/stop", {}).status_code == 303
    later(days=365)
    page = admin(f"/{running}").text
    assert "結論は出せません" in page
    assert 'data-testid="outcome"' not in page


def test_one_runs_at_a_time_and_mistakes_are_named(
    running: int, admin: Callable[..., Any], offering: Offering
) -> None:
    second = admin("/new", {**TYPED, "name": "もう1つ"})
    number = int(second.location.rsplit("/", 1)[-1])
    refused = admin(f"/{number}/start", {})
    assert refused.status_code == 422
    assert "別の比較テストを実施中" in refused.text
    assert admin(f"/{number}/edit", {**TYPED, "b_share": "30", "b_line": "1"}).status_code == 303
    assert 'value="30"' in admin(f"/{number}/edit").text
    assert admin(f"/{number}/remove", {}).status_code == 303
    assert admin(f"/{number}").status_code == 404
    assert admin(f"/{running}/edit", TYPED).status_code == 409
    for field, wrong in [
        ("a_share", "96"),
        ("usual", "no"),
        ("ends_on", "2000-01-01"),
        ("name", ""),
    ]:
        answer = admin("/new", {**TYPED, field: wrong})
        assert answer.status_code == 422
        assert f'id="e-{field}"' in answer.text
    assert admin("/new").status_code == 200


def test_a_lot_that_fell_unevenly_is_warned_of(
    running: int, offering: Offering, admin: Callable[..., Any]
) -> None:
    fill(offering, running)
    assert "参考にしないでください" not in admin(f"/{running}").text
    with offering.shop.work() as session:
        session.execute(update(ExperimentVisitor).values(arm="a"))
    assert "参考にしないでください" in admin(f"/{running}").text


def test_a_person_is_told_of_it_and_forgotten(running: int, offering: Offering, ask: Ask) -> None:
    order_id = buy(offering, "mine")
    ask("mine")
    with offering.shop.work() as session:
        order = session.get_one(Order, (offering.shop.id, order_id))
        person = session.get_one(Customer, (offering.shop.id, order.customer_id))
        (told,) = service.export_person(session, person)
        assert told["experiment"] == TYPED["name"]
        assert service.erase_person(session, person) == 1
        assert service.export_person(session, person) == []


def test_every_part_has_a_name() -> None:
    for language in ("ja", "en"):
        with use_locale(language):
            assert set(names()) == set(PARTS)
