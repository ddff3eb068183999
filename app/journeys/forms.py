"""A definition as the fields of a form, and back as the text of a file. Pure: what is wrong with it
is the definitions' own question, whose places are the fields' names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from app.journeys.definitions import Definition, Mistake, Step

Fields = dict[str, str]

#: What the form shows of a step; everything else of a definition stays as it was.
STEP_FIELDS = (
    "key",
    "anchor",
    "offset",
    "off",
    "when",
    "earlier_by",
    "not_before",
    "action",
    "message",
    "channel",
    "task.title.ja",
    "task.title.en",
    "task.text.ja",
    "task.text.en",
    "task.within",
    "split.arms",
    "end",
)
HEAD_FIELDS = ("name.ja", "name.en", "description.ja", "description.en", "when", "patience")
MOST_STEPS = 40


def head_of(definition: Definition) -> Fields:
    """The fields of the journey itself."""
    return {
        "name.ja": definition.name.ja,
        "name.en": definition.name.en,
        "description.ja": definition.description.ja,
        "description.en": definition.description.en,
        "when": ", ".join(definition.when),
        "patience": definition.patience or "",
    }


def steps_of(definition: Definition) -> list[Fields]:
    """The fields of each step."""
    return [_step_fields(step) for step in definition.steps]


def _step_fields(step: Step) -> Fields:
    task, split = step.task, step.split
    return {
        "key": step.key,
        "anchor": step.anchor,
        "offset": step.offset if isinstance(step.offset, str) else _pairs(step.offset),
        "off": "on" if step.off else "",
        "when": ", ".join(step.when),
        "earlier_by": step.earlier_by or "",
        "not_before": step.not_before or "",
        "action": step.actions[0],
        "message": step.message,
        "channel": step.channel or "",
        "task.title.ja": task.title.ja if task else "",
        "task.title.en": task.title.en if task else "",
        "task.text.ja": task.text.ja if task else "",
        "task.text.en": task.text.en if task else "",
        "task.within": task.within if task else "1d",
        "split.arms": _pairs(split.arms) if split else "",
        "end": step.end,
    }


def new_step(number: int) -> Fields:
    """An empty step, a week after the order."""
    empty = dict.fromkeys(STEP_FIELDS, "")
    return {
        **empty,
        "key": f"step-{number}",
        "anchor": "ordered",
        "offset": "7d",
        "action": "message",
        "task.within": "1d",
    }


def read_form(form: Mapping[str, str]) -> tuple[Fields, list[Fields]]:
    """What was typed: the journey's fields, and each step's."""
    head = {name: form.get(name, "").strip() for name in HEAD_FIELDS}
    steps: list[Fields] = []
    while f"steps[{len(steps)}].key" in form and len(steps) < MOST_STEPS:
        place = f"steps[{len(steps)}]."
        steps.append({name: form.get(place + name, "").strip() for name in STEP_FIELDS})
    return head, steps


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
        "when": _words(head["when"]),
        "patience": head["patience"],
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
        "offset": _table(step["offset"]) if "=" in step["offset"] else step["offset"],
        "when": _words(step["when"]),
        "earlier_by": step["earlier_by"],
        "not_before": step["not_before"],
    }
    if step["off"]:
        found["off"] = True
    if step["action"] == "task":
        found["task"] = {
            "title": {"ja": step["task.title.ja"], "en": step["task.title.en"]},
            "text": {"ja": step["task.text.ja"], "en": step["task.text.en"]},
            "within": step["task.within"],
        }
    elif step["action"] == "split":
        found["split"] = {"arms": _shares(step["split.arms"])}
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
    """The names of all fields of a form with so many steps."""
    return [
        *HEAD_FIELDS,
        *(f"steps[{n}].{name}" for n in range(len(steps)) for name in STEP_FIELDS),
    ]


def _words(text: str) -> list[str]:
    return [" ".join(word.split()) for word in text.split(",") if word.strip()]


def _pairs(table: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in table.items())


def _table(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def _shares(text: str) -> dict[str, int | str]:
    return {name: int(v) if v.isdigit() else v for name, v in _table(text).items()}


def _value(value: Any) -> str:
    """A value as TOML writes it; its basic strings are JSON's."""
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)
