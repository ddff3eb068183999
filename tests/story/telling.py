"""How the story is told: the steps in order, one line each, a picture where one went wrong."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.story.stage import Stage

Step = Callable[[Stage], None]


def tell(*wanted: str) -> int:
    """Tell the whole story, or only chapters with these words in their titles; returns how many
    steps failed. What follows a failed step is tried all the same: one broken step often explains
    the next, and both should be seen."""
    from tests.story.chapters import CHAPTERS

    passed = failed = 0
    with Stage.set_up() as stage:
        for chapter, steps in CHAPTERS:
            if wanted and not any(word in chapter for word in wanted):
                continue
            print(f"\n{chapter}", flush=True)
            for step in steps:
                with _timed(step) as outcome:
                    outcome.extend(_play(step, stage))
                passed, failed = passed + (not outcome), failed + bool(outcome)
    print(f"\nstory: {passed} passed, {failed} failed", flush=True)
    return failed


def _play(step: Step, stage: Stage) -> list[str]:
    try:
        step(stage)
    except Exception as error:  # noqa: BLE001  # whatever goes wrong is one failed step
        stage.picture_of_trouble(step.__name__)
        return [f"{type(error).__name__}: {error}", traceback.format_exc(limit=-3)]
    return []


@contextmanager
def _timed(step: Step) -> Iterator[list[str]]:
    started = time.monotonic()
    outcome: list[str] = []
    yield outcome
    mark = "FAILED" if outcome else "ok"
    said = (step.__doc__ or step.__name__).strip().splitlines()[0]
    print(f"  {mark:6} {said} ({time.monotonic() - started:.1f} s)", flush=True)
    for line in outcome:
        print("         " + line.replace("\n", "\n         "), flush=True)
