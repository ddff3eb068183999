"""Definition files: the presets are fine, and a wrong file is refused with place and reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.locale import use_locale
from app.journeys.definitions import (
    Offset,
    WrongDefinition,
    dangling,
    missing,
    parse_offset,
    preset_text,
    presets,
    read,
)
from app.messages.kinds import all_kinds

FINE = """
key = "thanks"
position = 1
per = "order"
starts = "ordered"
name = {ja = "お礼", en = "Thanks"}
description = {ja = "お礼", en = "Thanks"}
[[steps]]
key = "first"
message = "next-steps"
anchor = "ordered"
offset = "3d"
"""


WHOLE = """
key = "whole"
position = 90
per = "customer"
starts = "paid"
when = ["orders:3", "not gift", "country:JP", "province:JP-13", "language:ja", "pack:course"]
needs = ["feedback"]
replaces = ["first-72-hours.prepare"]
at_most = "90d"
cycle = "1y"
ends_on = ["ordered_again"]
name = {ja = "全部", en = "Everything"}
description = {ja = "全部", en = "Everything"}
[[steps]]
key = "half"
split = { arms = { a = 50, b = 50 } }
anchor = "first_order"
offset = "6mo"
[[steps]]
key = "offer"
message = "check-in"
channel = "line"
anchor = "last_order"
offset = "60d"
not_before = "1.5 own_interval"
when = ["split:half:a", "stage:lapsed", "not product_type:ギフト券"]
[[steps]]
key = "remind"
message = "check-in"
anchor = "step:offer"
offset = "2d"
when = ["clicked:offer", "not ordered_since:offer", "sent:offer"]
[[steps]]
key = "call"
task = { title = {ja="お電話", en="Call"}, text = {ja="様子", en="Ask"}, within = "2d" }
anchor = "step:offer"
offset = "1d"
when = ["survey:nps:detractor"]
[[steps]]
key = "stop"
end = "enough"
anchor = "last_order"
offset = "1y"
"""


def test_presets_ship_with_names_in_both_languages_and_known_messages() -> None:
    assert {"next-steps", "first-72-hours", "shipping", "review", "replenish"} <= set(presets())
    for definition in presets().values():
        assert definition.name.ja != definition.name.en
        assert definition.description.ja != definition.description.en
        assert {step.message for step in definition.steps if step.message} <= set(all_kinds())


def test_words_follow_the_language() -> None:
    words = read(FINE, "fine.toml").name
    with use_locale("ja"):
        assert str(words) == "お礼"
    with use_locale("en"):
        assert str(words) == "Thanks"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("3d", Offset(days=3)),
        ("-1d", Offset(days=-1)),
        ("72h", Offset(span=timedelta(hours=72))),
        ("0h", Offset()),
        ("30m", Offset(span=timedelta(minutes=30))),
    ],
)
def test_offsets(text: str, offset: Offset) -> None:
    assert parse_offset(text) == offset


HEAD, STEP = "position = 1", 'offset = "3d"'


def head(line: str) -> tuple[str, str]:
    """A change that adds a line to the head."""
    return HEAD, f"{HEAD}\n{line}"


def step(line: str) -> tuple[str, str]:
    """A change that adds a line to the step."""
    return STEP, f"{STEP}\n{line}"


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        ((STEP, 'offset = "soon"'), "steps[0].offset", "'soon' is not an offset"),
        ((STEP, 'offset = "11y"'), "steps[0].offset", "'11y' is longer than ten years"),
        (head('at_most = "9999y"'), "at_most", "longer than ten years"),
        (
            ("[[steps]]", FINE[FINE.index("[[steps]]") :] * 100 + "[[steps]]"),
            "steps",
            "100 steps at most",
        ),
        (('message = "next-steps"', f'end = "{"a" * 70}"'), "steps[0].end", "is not a name"),
        (head(f"when = {'[' * 5000}"), "TOML", "no journey"),
        (head(f"version = {'9' * 5000}"), "TOML", "no journey"),
        ((STEP, "offset = 3"), "steps[0].offset", "must be a text in quotation marks"),
        ((STEP, 'offset = {fast = "3d"}'), "steps[0].offset", "'standard'"),
        ((STEP, 'offset = {standard = "3d", slow = "9d"}'), "steps[0].offset", "slow"),
        (('anchor = "ordered"', 'anchor = "payed"'), "steps[0].anchor", "'payed' is neither"),
        (('starts = "ordered"', 'starts = "payed"'), "starts", "is not possible here"),
        (('key = "first"', 'key = "First!"'), "steps[0].key", "'First!'"),
        (('key = "thanks"', 'key = "Thanks"'), "key", "'Thanks'"),
        (('ja = "お礼", en = "Thanks"', 'ja = "お礼", en = " "'), "name.en", "missing"),
        (('per = "order"', 'per = "parcel"'), "per", "parcel"),
        (('message = "next-steps"', ""), "steps[0].", "choose what the step does"),
        (('message = "next-steps"', 'message = "spam"'), "steps[0].message", "'spam'"),
        (('message = "next-steps"', 'message = "review"'), "steps[0].message", "one product"),
        (('message = "next-steps"', 'message = "shipped"'), "steps[0].message", "one parcel"),
        (('message = "next-steps"', 'end = "Bye!"'), "steps[0].end", "'Bye!'"),
        (step('end = "over"'), "steps[0].", "exactly one thing"),
        (step('channel = "sms"'), "steps[0].channel", "is not possible here"),
        (step('not_before = "soon"'), "steps[0].not_before", "'soon'"),
        (step('not_before = "90d tea_time"'), "steps[0].not_before", "'tea_time'"),
        (step('when = ["clicked:first"]'), "steps[0].when", "does not come before"),
        (
            ('message = "next-steps"', "split = { arms = { a = 50, b = 40 } }"),
            "steps[0].split.arms",
            "90 instead of 100",
        ),
        (
            ('message = "next-steps"', "split = { arms = { a = 100 } }"),
            "steps[0].split.arms",
            "two arms",
        ),
        (
            (
                'message = "next-steps"',
                'task = { title = {ja="", en="Call"}, text = {ja="", en=""}, within = "soon" }',
            ),
            "steps[0].task.within",
            "'soon'",
        ),
        (head('when = ["rich"]'), "when", "'rich'"),
        (head('when = ["stage:old"]'), "when", "active, at_risk, lapsed, new"),
        (head('when = ["orders:many"]'), "when", "'orders:many'"),
        (head('when = ["gift:yes"]'), "when", "'gift:yes'"),
        (head('patience = "long"'), "patience", "'long'"),
        (head('at_most = "-3d"'), "at_most", "no span of time"),
        (head('cycle = "0d"'), "cycle", "no span of time"),
        (head('needs = ["magic"]'), "needs", "'magic'"),
        (
            ('message = "next-steps"', 'message = "review"\nwhen = ["not survey:csat:unhappy"]'),
            "steps[0].when",
            "whatever they said: not 'not survey:csat:unhappy'",
        ),
        (head('replaces = ["prepare"]'), "replaces", "'prepare'"),
        (head('ends_on = ["ordered_again"]'), "ends_on", "customer's journey"),
        (head("colour = 3"), "", "unknown field `colour`"),
        ((HEAD, "position = "), "line 3", "Invalid value"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_reason(
    change: tuple[str, str], place: str, reason: str
) -> None:
    with pytest.raises(WrongDefinition) as caught:
        read(FINE.replace(*change), "mine.toml")
    said = str(caught.value)
    assert said.startswith("mine.toml: ")
    assert place in said
    assert reason in said


def test_every_mistake_is_named_in_the_readers_language() -> None:
    wrong = FINE.replace(STEP, 'offset = "soon"').replace("next-steps", "spam")
    with use_locale("ja"), pytest.raises(WrongDefinition) as caught:
        read(wrong, "mine.toml")
    assert [one.place for one in caught.value.mistakes] == ["steps[0].offset", "steps[0].message"]
    assert all(one.reason.endswith("ありません。") for one in caught.value.mistakes)


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (
            ("key = ", "これはJSONではない {\nkey = "),
            "TOML",
            "2行目の1文字目から、TOMLとして読み取れません。",
        ),
        (head("position = 1"), "TOML", "で、同じ項目が2回書かれています。"),
        (("[[steps]]", "[[steps"), "TOML", "読み取れません。"),
        (head("colour = 3"), "colour", "`colour` という項目はここでは使えません。"),
        ((STEP, ""), "steps[0].offset", "offset という項目がありません。"),
        (
            (STEP, "offset = 3"),
            "steps[0].offset",
            "文字列または表（テーブル）で書いてください（整数になっています）。",
        ),
        ((STEP, f'{STEP}\nchannel = "fax"'), "steps[0].channel", "'fax' は書けません。"),
    ],
)
def test_what_is_no_journey_at_all_is_told_in_the_readers_language(
    change: tuple[str, str], place: str, reason: str
) -> None:
    with use_locale("ja"), pytest.raises(WrongDefinition) as caught:
        read(FINE.replace(*change, 1), "mine.toml")
    (told,) = caught.value.mistakes
    assert told.place == place
    assert reason in told.reason


def test_nobody_is_led_past_the_request_for_a_review_by_what_they_think() -> None:
    """RV-1: not by the journey's own condition, a step around the request, or another journey."""
    asking = preset_text("review")
    end = '[[steps]]\nkey = "stop"\nend = "unhappy"\nanchor = "received"\noffset = "1d"\n'
    for changed in (
        asking.replace('when = ["not gift"', 'when = ["survey:own-1:o5", "not gift"'),
        f'{asking}\n{end}when = ["survey:nps:detractor"]\n',
    ):
        with pytest.raises(WrongDefinition, match="whatever they said"):
            read(changed, "mine.toml")
    instead = FINE.replace(*head('replaces = ["review.first"]'))
    assert dangling(read(instead, "mine.toml"), presets()) == []
    unhappy = read(instead.replace(HEAD, f'{HEAD}\nwhen = ["survey:csat:unhappy"]'), "mine.toml")
    assert [one.place for one in dangling(unhappy, presets())] == ["replaces"]


def test_the_whole_vocabulary_is_understood() -> None:
    found = read(WHOLE, "whole.toml")
    assert [step.actions for step in found.steps] == [
        ["split"],
        ["message"],
        ["message"],
        ["task"],
        ["end"],
    ]
    assert missing(found) == ["feedback"]
    assert {"split:half:a", "survey:nps:detractor", "orders:3"} <= found.words
    assert dangling(found, presets()) == []
    assert [one.place for one in dangling(found, {})] == ["replaces"]


def test_a_step_may_stand_there_once_and_point_back_only() -> None:
    second = '[[steps]]\nkey = "first"\nmessage = "review"\nanchor = "ordered"\noffset = "3d"\n'
    with pytest.raises(WrongDefinition, match=r"steps\[1\].key: 'first' stands here twice"):
        read(FINE + second, "mine.toml")
    ahead = FINE.replace('anchor = "ordered"', 'anchor = "step:second"')
    with pytest.raises(WrongDefinition, match=r"steps\[0\].anchor"):
        read(ahead + second.replace('"first"', '"second"'), "mine.toml")


def test_a_step_may_count_from_one_that_is_off_but_not_live_from_it() -> None:
    def follower(when: str) -> str:
        return (
            FINE.replace(*step("off = true"))
            + '[[steps]]\nkey = "second"\nmessage = "check-in"\nanchor = "step:first"\n'
            + f'offset = "3d"\nwhen = ["{when}"]\n'
        )

    for when in ("not clicked:first", "not sent:first", "ordered_since:first"):
        assert [one.off for one in read(follower(when), "mine.toml").steps] == [True, False]
    with pytest.raises(WrongDefinition, match=r"steps\[1\].when: clicked:first never holds"):
        read(follower("clicked:first"), "mine.toml")
    with pytest.raises(WrongDefinition, match="all steps are off"):
        read(FINE.replace(*step("off = true")), "mine.toml")


def test_a_journey_without_steps_is_refused() -> None:
    with pytest.raises(WrongDefinition, match="steps"):
        read(FINE.split("[[steps]]")[0] + "steps = []", "mine.toml")


#: Moments that come about whether or not the money does; the others follow payment or dispatch.
UNPAID = {"ordered", "first_order", "last_order", "season", "birthday", "expected_delivery"}


def test_nobody_who_has_yet_to_pay_hears_stories_or_offers() -> None:
    for definition in presets().values():
        # What happens next says how to pay.
        for step in definition.steps if definition.key != "next-steps" else []:
            first = step
            while first.anchor.startswith("step:"):
                first = definition.step(first.anchor.removeprefix("step:"))
            waits = first.anchor not in UNPAID or "paid" in step.when
            assert waits, (definition.key, step.key)
