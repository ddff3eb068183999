"""A definition as the fields of a form, and back as the text of a file. Pure: what is wrong with it
is the definitions' own question, whose places are the fields' names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from app.journeys import controls
from app.journeys.controls import Fields
from app.journeys.definitions import Definition, Mistake, Step

__all__ = ["Fields"]

#: What the form shows of a step in a field each; everything else of a definition stays as it was.
PLAIN_FIELDS = (
    "key",
    "anchor",
    "off",
    "earlier_by",
    "action",
    "message",
    "channel",
    "task.title.ja",
    "task.title.en",
    "task.text.ja",
    "task.text.en",
    "end",
)
#: What it shows in several controls, by the name that a definition has for the whole.
GROUPS = ("offset", "when", "not_before", "task.within", "split.arms")
HEAD_FIELDS = ("name.ja", "name.en", "description.ja", "description.en")
HEAD_GROUPS = ("when", "patience")
MOST_STEPS = 40
#: What a split begins with.
EVEN: dict[str, int] = {"a": 50, "b": 50}


def head_of(definition: Definition) -> Fields:
    """The fields of the journey itself."""
    return {
        "name.ja": definition.name.ja,
        "name.en": definition.name.en,
        "description.ja": definition.description.ja,
        "description.en": definition.description.en,
        **controls.span_fields("patience", definition.patience or ""),
        **controls.row_fields(controls.rows_of(definition.when)),
    }


def steps_of(definition: Definition) -> list[Fields]:
    """The fields of each step."""
    return [_step_fields(step) for step in definition.steps]


def _step_fields(step: Step) -> Fields:
    task, split = step.task, step.split
    return {
        "key": step.key,
        "anchor": step.anchor,
        "off": "on" if step.off else "",
        "earlier_by": step.earlier_by or "",
        "action": step.actions[0],
        "message": step.message,
        "channel": step.channel or "",
        "task.title.ja": task.title.ja if task else "",
        "task.title.en": task.title.en if task else "",
        "task.text.ja": task.text.ja if task else "",
        "task.text.en": task.text.en if task else "",
        "end": step.end,
        **controls.offset_fields(step.offset),
        **controls.floor_fields(step.not_before or ""),
        **controls.span_fields("task.within", task.within if task else "1d"),
        **controls.arm_fields(split.arms if split else EVEN),
        **controls.row_fields(controls.rows_of(step.when)),
    }


def new_step(number: int) -> Fields:
    """An empty step, a week after the order."""
    return {
        **dict.fromkeys(PLAIN_FIELDS, ""),
        "key": f"step-{number}",
        "anchor": "ordered",
        "action": "message",
        **controls.offset_fields("7d"),
        **controls.floor_fields(""),
        **controls.span_fields("task.within", "1d"),
        **controls.arm_fields(EVEN),
    }


def read_form(form: Mapping[str, str]) -> tuple[Fields, list[Fields]]:
    """What was typed: the journey's fields, and each step's."""
    typed = {name: value.strip() for name, value in form.items()}
    own = ("when.", "patience.")
    head = {name: value for name, value in typed.items() if name.startswith(own)}
    steps: list[Fields] = []
    while f"steps[{len(steps)}].key" in form and len(steps) < MOST_STEPS:
        steps.append(_read_step(typed, f"steps[{len(steps)}]."))
    return controls.settled({name: typed.get(name, "") for name in HEAD_FIELDS} | head), steps


def _read_step(typed: Fields, place: str) -> Fields:
    of_it = {
        name.removeprefix(place): value for name, value in typed.items() if name.startswith(place)
    }
    return controls.settled(dict.fromkeys(PLAIN_FIELDS, "") | of_it)


def less(head: Fields, steps: list[Fields], wish: str) -> tuple[Fields, list[Fields]]:
    """The form without one condition: `drop:2:0` takes the first one from the third step,
    `drop::1` the second one from the journey itself."""
    _verb, at, number = [*wish.split(":"), "", ""][:3]
    if not number.isdecimal():
        return head, steps
    if not at:
        return controls.without(head, int(number)), steps
    return head, [
        controls.without(step, int(number)) if str(n) == at else step
        for n, step in enumerate(steps)
    ]


def changed(steps: list[Fields], wish: str) -> list[Fields]:
    """The steps after a button of the form: `add`, `up:2`, `down:0`, `remove:1`."""
    found = list(steps)
    verb, _colon, number = wish.partition(":")
    at = int(number) if number.isdigit() else -1
    if verb == "add" and len(found) < MOST_STEPS:
        found.append(new_step(len(found) + 1))
    elif verb == "remove" and 0 <= at < len(found):
        found.pop(at)
    elif verb in ("up", "down"):
        other = at - 1 if verb == "up" else at + 1
        if 0 <= at < len(found) and 0 <= other < len(found):
            found[at], found[other] = found[other], found[at]
    return found


def text_of(base: Definition, head: Fields, steps: Iterable[Fields]) -> str:
    """The file that says what was typed; what the form does not show is the base's."""
    kept: dict[str, Any] = msgspec.to_builtins(base)
    kept |= {
        "name": {"ja": head["name.ja"], "en": head["name.en"]},
        "description": {"ja": head["description.ja"], "en": head["description.en"]},
        "when": [row.text for row in controls.rows(head)],
        "patience": controls.span_text(head, "patience"),
        "steps": None,
    }
    lines = [f"{name} = {_value(value)}" for name, value in kept.items() if value not in _NOTHING]
    for step in steps:
        lines += ["", "[[steps]]"]
        lines += [f"{name} = {_value(value)}" for name, value in _step(step).items()]
    return "\n".join(lines) + "\n"


_NOTHING: tuple[Any, ...] = (None, "", [], {})


def _step(step: Fields) -> dict[str, Any]:
    """A step as the file writes it; only the chosen action's fields count."""
    found: dict[str, Any] = {
        "key": step["key"],
        "anchor": step["anchor"],
        "offset": controls.offset_value(step),
        "when": [row.text for row in controls.rows(step)],
        "earlier_by": step["earlier_by"],
        "not_before": controls.floor_text(step),
    }
    if step["off"]:
        found["off"] = True
    if step["action"] == "task":
        found["task"] = {
            "title": {"ja": step["task.title.ja"], "en": step["task.title.en"]},
            "text": {"ja": step["task.text.ja"], "en": step["task.text.en"]},
            "within": controls.span_text(step, "task.within"),
        }
    elif step["action"] == "split":
        found["split"] = {"arms": controls.arms(step)}
    elif step["action"] == "end":
        found["end"] = step["end"]
    else:
        found |= {"message": step["message"], "channel": step["channel"]}
    needed = ("key", "anchor", "offset")
    return {k: v for k, v in found.items() if v not in _NOTHING or k in needed}


def by_field(mistakes: Iterable[Mistake], names: Iterable[str]) -> tuple[Fields, list[Mistake]]:
    """Each mistake beside its field, and those that belong to none."""
    known, rest = set(names), []
    beside: Fields = {}
    for mistake in mistakes:
        name = mistake.place.removeprefix("$.").removeprefix("$")
        if re.fullmatch(r"steps\[\d+\]\.?", name):
            name = name.rstrip(".") + ".action"
        if name in known:
            beside.setdefault(name, mistake.reason)
        else:
            rest.append(mistake)
    return beside, rest


def names_of(steps: list[Fields]) -> list[str]:
    """The names that a definition has for everything in a form with so many steps."""
    places = [f"steps[{n}]." for n in range(len(steps))]
    of_steps = [place + name for place in places for name in (*PLAIN_FIELDS, *GROUPS)]
    return [*HEAD_FIELDS, *HEAD_GROUPS, *of_steps]


def _value(value: Any) -> str:
    """A value as TOML writes it; its basic strings are JSON's."""
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)
