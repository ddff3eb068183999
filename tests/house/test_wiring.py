"""What the wiring names exists, and what exists is wired."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from app import wiring
from app.cli.serve import QUEUES
from app.journal.service import listener_name

WIRING = Path(wiring.__file__).parent
APP = WIRING.parent


@pytest.mark.parametrize("bell", sorted(wiring.BELLS))
def test_every_bell_has_its_job_and_its_queue(bell: str) -> None:
    room, job = bell.split(".")
    assert callable(getattr(import_module(f"app.{room}.jobs"), job))
    assert wiring.BELLS[bell] in QUEUES


def rung() -> set[str]:
    """Every bell that some `ring(session, "…")` or `ring_now("…")` in the code names."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                position = {"ring": 1, "ring_now": 0}.get(name)
                if position is not None and len(node.args) > position:
                    bell = node.args[position]
                    if isinstance(bell, ast.Constant) and isinstance(bell.value, str):
                        found.add(bell.value)
    return found


def test_every_rung_bell_is_wired() -> None:
    assert rung() <= set(wiring.BELLS)
    assert {tick.bell for tick in wiring.SCHEDULE} <= set(wiring.BELLS)


def test_every_job_is_reached_by_a_bell() -> None:
    jobs = {
        f"{path.parent.name}.{node.name}"
        for path in APP.glob("*/jobs.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert jobs == set(wiring.BELLS)


def test_listeners_are_named_once_per_event() -> None:
    for event, listeners in wiring.REACTIONS.items():
        names = [listener_name(listener) for listener in listeners]
        assert len(names) == len(set(names)), event


@pytest.mark.parametrize("page", sorted(WIRING.glob("*.py")), ids=lambda page: page.stem)
def test_no_table_of_the_wiring_says_a_thing_twice(page: Path) -> None:
    # The second of two equal keys would silently put the first out of work.
    tree = ast.parse(page.read_text("utf-8"))
    for node in ast.walk(tree):
        entries = node.keys if isinstance(node, ast.Dict) else []
        said = [ast.unparse(entry) for entry in entries if entry is not None]
        assert len(said) == len(set(said)), said
