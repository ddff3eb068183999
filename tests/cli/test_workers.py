"""Who answers bells: one process a queue, and for heavy work as many as there are cores."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from flask import Flask

from app.cli.serve import Crew
from app.core.queue import ring_now


class Hand(Crew):
    """Processes that wait to be sent away."""

    def _work(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pause()


@pytest.fixture
def heavy(app: Flask) -> Iterator[Hand]:
    crew = Hand(app, "heavy")
    crew.most = 2
    yield crew
    crew.dismiss()


def test_for_heavy_work_processes_come_one_by_one_while_a_bell_waits(heavy: Hand) -> None:
    heavy.tend()
    assert heavy.children == []
    ring_now("journeys.imagine")
    for expected in (1, 2, 2):
        heavy.tend()
        assert len(heavy.children) == expected


def test_a_standing_process_that_ends_is_replaced(app: Flask) -> None:
    crew = Hand(app, "slow")
    try:
        crew.tend()
        [first] = crew.children
        assert first.pid
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        crew.tend()
        [second] = crew.children
        assert second.is_alive()
        assert second.pid != first.pid
    finally:
        crew.dismiss()
    assert not second.is_alive()
