"""A live journey gets a new version; files that are wrong stay outside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.core import clock
from app.core.errors import Invalid, NotFound
from app.journeys import queries, service
from app.journeys.definitions import WrongDefinition
from tests import make
from tests.journeys.trial import begin, send, text, the_run
from tests.journeys.world import World

DAY = timedelta(days=1)


def test_runs_finish_on_their_version_or_are_moved(trial: World, app: Flask, owner: Engine) -> None:
    old = text(send("a", "ordered", "1h") + send("b", "ordered", "3d"))
    new = text(send("a", "ordered", "1h") + send("c", "ordered", "4d"))
    begin(trial, old)
    first = trial.place()
    make.travel(owner, app, DAY)
    with trial.shop.work() as session:
        service.publish(session, "trial", new, "Hanako", move_running=False, note="c for b")
        shown = queries.versions(session, "trial")
        assert [(one.version, one.state, one.runs) for one in shown] == [
            (2, "live", 0),
            (1, "old", 1),
        ]
        assert (shown[0].saved_by, shown[0].note) == ("Hanako", "c for b")
    second = trial.place()
    assert (the_run(trial, first).version, the_run(trial, second).version) == (1, 2)
    make.travel(owner, app, 5 * DAY)
    assert set(trial.messages(first)) == {"trial:a", "trial:b"}
    assert set(trial.messages(second)) == {"trial:a", "trial:c"}
    third = trial.place()
    make.travel(owner, app, DAY)
    with trial.shop.work() as session:
        service.publish(session, "trial", old, "Hanako", move_running=True)
    make.travel(owner, app, 5 * DAY)
    assert the_run(trial, third).version == 3
    assert set(trial.messages(third)) == {"trial:a", "trial:b"}


def test_a_step_that_a_new_version_drops_is_called_off(
    trial: World, app: Flask, owner: Engine
) -> None:
    evening = clock.business_now(owner).replace(hour=13, minute=0) + DAY  # 22:00 in Tokyo
    clock.shift_to(owner, evening)
    begin(trial, text(send("a", "ordered", "0h") + send("b", "ordered", "9d")))
    order = trial.place()
    assert trial.messages(order) == {"trial:a": ("scheduled", None)}
    with trial.shop.work() as session:
        service.publish(
            session, "trial", text(send("b", "ordered", "9d")), "Hanako", move_running=True
        )
    make.settle(app)
    assert trial.messages(order) == {"trial:a": ("cancelled", "run_ended")}


def test_a_shops_own_version_stands_over_the_preset_and_goes_again(
    world: World, other_shop: make.MadeShop
) -> None:
    with world.shop.work() as session:
        shipped = queries.export_definition(session, "next-steps")
        mine = shipped.replace('offset = "0h"', 'offset = "30m"')
        service.draft(session, "next-steps", "half wri", "Hanako")
        service.draft(session, "next-steps", mine, "Hanako")
        assert queries.definition(session, "next-steps").step("thanks").offset == "0h"
        service.publish(session, "next-steps", mine, "Hanako", move_running=False)
        assert queries.definition(session, "next-steps").step("thanks").offset == "30m"
        assert queries.export_definition(session, "next-steps") == mine
        assert [one.state for one in queries.versions(session, "next-steps")] == ["live"]
    with other_shop.work() as session:
        assert queries.definition(session, "next-steps").step("thanks").offset == "0h"
        assert queries.versions(session, "next-steps") == []
    with world.shop.work() as session:
        service.follow_preset(session, "next-steps", move_running=True)
        assert queries.export_definition(session, "next-steps") == shipped


def test_wrong_files_stay_outside(trial: World) -> None:
    with trial.shop.work() as session:
        for body, place in (
            (text(send("a", "yesterday", "1d")), "steps[0].anchor"),
            (text(send("a", "ordered", "1d"), more='replaces = ["nothing.here"]'), "replaces"),
            ("key = ", "TOML"),
        ):
            with pytest.raises(WrongDefinition) as caught:
                service.import_definition(session, body, "Hanako")
            assert [one.place for one in caught.value.mistakes] == [place]
        body = text(send("a", "ordered", "1d"), key="other")
        with pytest.raises(WrongDefinition, match="trial"):
            service.publish(session, "trial", body, "Hanako", move_running=False)
        assert "trial" not in queries.definitions(session)
        with pytest.raises(NotFound):
            queries.export_definition(session, "trial")


def test_what_needs_something_cannot_be_switched_on(trial: World) -> None:
    with trial.shop.work() as session:
        body = text(send("a", "ordered", "1d"), more='needs = ["loyalty"]')
        service.import_definition(session, body, "Hanako")
        with pytest.raises(Invalid, match="a loyalty programme"):
            service.switch_on(session, "trial")
        assert queries.switches(session)["trial"] is None
