"""Definition files: the presets are fine, and a wrong file is refused with place and reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.locale import use_locale
from app.journeys.definitions import Offset, WrongDefinition, parse_offset, presets, read
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


def test_presets_ship_with_names_in_both_languages_and_known_messages() -> None:
    assert list(presets()) == ["next-steps", "first-72-hours", "shipping", "review", "replenish"]
    for definition in presets().values():
        assert definition.name.ja != definition.name.en
        assert definition.description.ja != definition.description.en
        assert {step.message for step in definition.steps} <= set(all_kinds())


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


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (('offset = "3d"', 'offset = "soon"'), "steps[0].offset", "'soon' is not an offset"),
        (('offset = "3d"', "offset = 3"), "$.steps[0].offset", "Expected"),
        (('offset = "3d"', 'offset = {fast = "3d"}'), "steps[0].offset", "'standard'"),
        (
            ('offset = "3d"', 'offset = {standard = "3d", slow = "9d"}'),
            "steps[0].offset",
            "slow",
        ),
        (('anchor = "ordered"', 'anchor = "paid"'), "steps[0].anchor", "'paid' is neither"),
        (('starts = "ordered"', 'starts = "paid"'), "$.starts", "Invalid enum value"),
        (('key = "first"', 'key = "First!"'), "steps[0].key", "'First!'"),
        (('key = "thanks"', 'key = "Thanks"'), "key", "'Thanks'"),
        (("position = 1", 'position = 1\nwhen = ["rich"]'), "when", "'rich'"),
        (("position = 1", 'position = 1\npatience = "long"'), "patience", "'long'"),
        (("position = 1", "position = 1\ncolour = 3"), "", "unknown field `colour`"),
        (("position = 1", "position = "), "line 3", "Invalid value"),
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


def test_a_step_may_stand_there_once_and_point_back_only() -> None:
    second = '[[steps]]\nkey = "first"\nmessage = "review"\nanchor = "ordered"\noffset = "3d"\n'
    with pytest.raises(WrongDefinition, match=r"steps\[1\].key: 'first' stands here twice"):
        read(FINE + second, "mine.toml")
    ahead = FINE.replace('anchor = "ordered"', 'anchor = "step:second"')
    with pytest.raises(WrongDefinition, match=r"steps\[0\].anchor"):
        read(ahead + second.replace('"first"', '"second"'), "mine.toml")


def test_a_journey_without_steps_is_refused() -> None:
    with pytest.raises(WrongDefinition, match="steps"):
        read(FINE.split("[[steps]]")[0] + "steps = []", "mine.toml")
