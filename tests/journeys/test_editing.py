"""The form editor: nothing typed is lost, mistakes stand beside their fields, all can go back."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.core.locale import LANGUAGES, use_locale
from app.journeys import controls, forms, queries, words
from app.journeys.definitions import presets, read
from app.journeys.definitions.vocabulary import ANCHORS, CHOICES, FLAGS, TEXTS
from app.journeys.library import definition
from app.journeys.web.fields import GROUPS, moments
from app.messages import queries as messages
from tests import make, sign
from tests.journeys.world import World

EN = {"Okaeri-Locale": "en"}
INPUT = r'<input id="f-[^"]*" name="([^"]*)" type="[^"]*" value="([^"]*)"'
TEXTAREA = r'<textarea id="f-[^"]*" name="([^"]*)"[^>]*>([^<]*)</textarea>'
SELECT = r'<select id="f-[^"]*" name="([^"]*)"[^>]*>(.*?)</select>'


def fields(text: str) -> dict[str, str]:
    """What a browser would send of the editor."""
    form = text.split('data-testid="editor"')[1].split("</form>")[0]
    found = dict(
        re.findall(r'<input id="f-[^"]*" name="([^"]*)" type="[^"]*" value="([^"]*)"', form)
    )
    found |= dict(
        re.findall(r'<textarea id="f-[^"]*" name="([^"]*)"[^>]*>([^<]*)</textarea>', form)
    )
    for name, options in re.findall(
        r'<select id="f-[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', form, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found |= dict.fromkeys(
        re.findall(r'id="f-[^"]*" name="([^"]*)" value="on" checked', form), "on"
    )
    return {name: html.unescape(value) for name, value in found.items()}


@pytest.mark.parametrize("key", list(presets()))
def test_every_preset_survives_the_form(key: str) -> None:
    base = presets()[key]
    head, steps = forms.head_of(base), forms.steps_of(base)
    typed = {
        f"steps[{n}].{name}": value for n, step in enumerate(steps) for name, value in step.items()
    }
    assert forms.read_form({**head, **typed}) == (head, steps)
    with use_locale("en"):
        assert read(forms.text_of(base, head, steps), key) == base


def test_a_journey_is_changed_moved_and_given_back(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers = sign.admin(shop.domain, **EN)
    url = "/app/journeys/first-72-hours"
    typed = fields(client.get(f"{url}/edit", headers=headers).text)
    mine = next(n for n in range(40) if typed[f"steps[{n}].key"] == "check-in")
    count = sum(name.endswith("].key") for name in typed)
    assert [typed[f"steps[{mine}].offset.{one}"] for one in ("count", "unit", "side")] == [
        "72",
        "h",
        "",
    ]
    later = {**typed, f"steps[{mine}].offset.count": "96", "do": "add"}
    typed = fields(client.post(f"{url}/edit", data=later, headers=headers).text)
    assert typed[f"steps[{mine}].offset.count"] == "96"
    assert f"steps[{count}].key" in typed
    up = fields(
        client.post(f"{url}/edit", data={**typed, "do": f"up:{count}"}, headers=headers).text
    )
    assert up[f"steps[{count - 1}].key"] == typed[f"steps[{count}].key"]
    wrong = client.post(f"{url}/edit", data={**up, "do": "publish"}, headers=headers)
    assert wrong.status_code == 422
    assert f'id="e-steps[{count - 1}].' in wrong.text
    assert fields(wrong.text) == up
    right = fields(
        client.post(f"{url}/edit", data={**up, "do": f"remove:{count - 1}"}, headers=headers).text
    )
    done = client.post(
        f"{url}/edit", data={**right, "do": "publish", "note": "Later"}, headers=headers
    )
    assert done.status_code == 303
    with shop.work() as session:
        assert definition(session, "first-72-hours").step("check-in").offset == "96h"
        [version] = queries.versions(session, "first-72-hours")
        assert (version.saved_by, version.note, version.state) == (sign.STAFF, "Later", "live")
    page = client.get(url, headers=headers)
    assert "96 hours after delivery" in page.text
    assert 'data-testid="version" data-state="live"' in page.text
    client.post(f"{url}/preset", headers=headers)
    with shop.work() as session:
        assert definition(session, "first-72-hours") == presets()["first-72-hours"]


def test_conditions_are_chosen_in_words_and_kept_as_the_file_writes_them(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers, url = sign.admin(shop.domain, **EN), "/app/journeys/cross-sell/edit"

    def press(button: str, **more: str) -> str:
        data = {**typed, "do": button, **more}
        return str(client.post(url, data=data, headers=headers).text)

    typed = fields(client.get(url, headers=headers).text)
    before = {name for name in typed if name.startswith("when.")}
    number = sum(name.endswith(".name") for name in before)
    page = press("condition:", **{"when.new": "country"})
    typed = fields(page)
    # The country is chosen by its name; without one nothing is published.
    assert '<option value="JP">Japan</option>' in page
    refused = client.post(url, data={**typed, "do": "publish"}, headers=headers)
    assert refused.status_code == 422
    assert 'id="e-when"' in refused.text
    assert fields(refused.text) == typed
    typed |= {f"when.{number}.value": "JP", f"when.{number}.not": "not"}
    # A step is spoken of by its title, and only those before it may be.
    page = press("condition:1", **{"steps[1].when.new": "clicked:accessory"})
    assert "when a link of “Complete your set-up” was followed" in page
    assert "clicked:related" not in page.split('data-testid="edit-step"')[2]
    typed = fields(page)
    assert client.post(url, data={**typed, "do": "publish"}, headers=headers).status_code == 303
    with shop.work() as session:
        made = definition(session, "cross-sell")
        assert made.when[-1] == "not country:JP"
        assert made.steps[1].when[-1] == "clicked:accessory"
    typed = fields(client.get(url, headers=headers).text)
    typed = fields(press(f"drop::{number}"))
    assert client.post(url, data={**typed, "do": "publish"}, headers=headers).status_code == 303
    with shop.work() as session:
        assert definition(session, "cross-sell").when == presets()["cross-sell"].when


def test_a_wrong_number_is_refused_in_words_beside_its_field(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers, url = sign.admin(shop.domain, **EN), "/app/journeys/review/edit"
    typed = fields(client.get(url, headers=headers).text) | {"do": "publish"}
    assert typed["steps[0].offset.by"] == "kinds"
    for changed, place, why in (
        ({"steps[1].offset.count": "soon"}, "steps[1].offset", "up to four digits"),
        ({"steps[1].offset.count": "-5"}, "steps[1].offset", "up to four digits"),
        ({"steps[0].offset.standard.count": ""}, "steps[0].offset", "Ordinary goods need"),
        ({"steps[2].when.new": "sent:gone"}, "steps[2].when", "does not come before"),
        ({"steps[1].not_before.by": "moment"}, "steps[1].not_before", "what it counts from"),
        ({"steps[1].key": "first"}, "steps[1].key", "stands here twice"),
    ):
        page = client.post(url, data={**typed, **changed}, headers=headers)
        assert page.status_code == 422
        said = re.search(rf'id="e-{re.escape(place)}">([^<]*)<', page.text)
        assert said, place
        assert why in said[1]


def test_a_journey_that_asks_for_reviews_is_not_offered_what_people_answered(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers, offer = sign.admin(shop.domain, **EN), '<option value="survey">'
    assert offer in client.get("/app/journeys/cross-sell/edit", headers=headers).text
    page = client.get("/app/journeys/review/edit", headers=headers).text
    assert offer not in page
    typed = fields(page) | {"do": "publish", "steps[0].when.new": "survey"}
    typed = fields(client.post("/app/journeys/review/edit", data=typed, headers=headers).text)
    answered = {**typed, "steps[0].when.0.value": "csat:happy"}
    refused = client.post("/app/journeys/review/edit", data=answered, headers=headers)
    assert refused.status_code == 422
    assert "everybody is asked for a review" in refused.text


def test_every_word_of_the_vocabulary_is_offered() -> None:
    listed = {word for some in GROUPS.values() for word in some}
    valued = {f"{name}:{value}" for name, some in CHOICES.items() for value in some}
    assert listed == FLAGS | TEXTS | valued
    with use_locale("ja"):
        assert {anchor for anchor, _name in moments()} == ANCHORS


@given(st.integers(0, 9999), st.sampled_from(controls.UNITS), st.booleans())
def test_a_span_survives_its_controls(count: int, unit: str, back: bool) -> None:
    text = f"{'-' if back else ''}{count}{unit}"
    assert controls.span_text(controls.span_fields("offset", text), "offset") == text


def test_a_single_step_is_switched_off_and_travels_in_the_file(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    headers, url = sign.admin(shop.domain, **EN), "/app/journeys/first-72-hours"
    typed = fields(client.get(f"{url}/edit", headers=headers).text)
    mine = next(n for n in range(40) if typed[f"steps[{n}].key"] == "prepare")
    silent = {**typed, f"steps[{mine}].off": "on", "do": "publish"}
    assert client.post(f"{url}/edit", data=silent, headers=headers).status_code == 303
    again = fields(client.get(f"{url}/edit", headers=headers).text)
    assert {name for name, value in again.items() if name.endswith(".off") and value} == {
        f"steps[{mine}].off"
    }
    assert "track__step--off" in client.get(url, headers=headers).text
    page = client.get(f"{url}/export", headers=headers).text
    text = html.unescape(page.split('data-testid="exported">')[1].split("</textarea>")[0])
    client.post(f"{url}/preset", headers=headers)
    client.post("/app/journeys/import", data={"text": text}, headers=headers)
    order = world.place(nth=2)
    make.travel(owner, app, timedelta(hours=11))
    assert world.messages(order)["first-72-hours:prepare"] == ("skipped", "step_off")
    for place in (f"/app/journeys/replay/{order}?journey=first-72-hours", f"/app/orders/{order}"):
        assert "This step is switched off." in client.get(place, headers=headers).text


def test_those_on_their_way_finish_or_are_moved(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    headers, url = sign.admin(shop.domain, **EN), "/app/journeys/first-72-hours/edit"
    order = world.place()
    typed = fields(client.get(url, headers=headers).text)
    for move, moved in (("no", False), ("yes", True)):
        client.post(url, data={**typed, "do": "publish", "move": move}, headers=headers)
        run = world.run(order, "first-72-hours")
        assert run is not None
        assert (run.definition_id is not None) == moved


def test_a_file_goes_out_and_comes_in(client: FlaskClient, shop: make.MadeShop) -> None:
    headers = sign.admin(shop.domain, **EN)
    page = client.get("/app/journeys/review/export", headers=headers).text
    text = html.unescape(page.split('data-testid="exported">')[1].split("</textarea>")[0])
    own = text.replace('key = "review"', 'key = "our-review"', 1)
    taken = client.post("/app/journeys/import", data={"text": own}, headers=headers)
    assert taken.location == "/app/journeys/our-review?done=published"
    listed = client.get("/app/journeys", headers=headers).text
    assert 'data-journey="our-review" data-on="no"' in listed
    broken = own.replace('offset = "3d"', 'offset = "soon"', 1)
    refused = client.post("/app/journeys/import", data={"text": broken}, headers=headers)
    assert refused.status_code == 422
    assert "<code>steps[1].offset</code>" in refused.text
    assert "our-review" in refused.text
    # Without anything there is nothing to read; an editor's mark at the beginning is no mistake.
    japanese = sign.admin(shop.domain)
    nothing = client.post("/app/journeys/import", data={"text": " "}, headers=japanese)
    assert nothing.status_code == 422
    assert "ファイルを選ぶか、内容を貼り付けてください。" in nothing.text
    garbled = client.post(
        "/app/journeys/import", data={"text": "これはJSONではない {"}, headers=japanese
    )
    assert "1行目の1文字目から、TOMLとして読み取れません。" in garbled.text
    marked = {"file": (io.BytesIO(own.encode("utf-8-sig")), "mine.toml")}
    taken = client.post("/app/journeys/import", data=marked, headers=headers)
    assert taken.location == "/app/journeys/our-review?done=published"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_to_show_a_key_for_want_of_a_name(shop: make.MadeShop, language: str) -> None:
    with shop.work() as session, use_locale(language):
        for key in presets():
            assert queries.name_of(session, key) not in ("", key)
        for kind in messages.all_kinds():
            assert messages.kind_title(kind, language) not in ("", kind)
        titles = words.typed_titles([s for one in presets().values() for s in forms.steps_of(one)])
        assert all(titles.values())
