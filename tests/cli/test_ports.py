"""Two demos that start in the same second choose different ports."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import click
import pytest

from app.cli.demo import PORTS, remember
from app.cli.ports import Ports


def test_two_that_choose_at_once_choose_apart(tmp_path: Path) -> None:
    """A lock belongs to an open file, so that two threads stand for two processes."""
    at_once, over = Barrier(2), Barrier(2)

    def start(name: str) -> list[str]:
        data = tmp_path / name
        data.mkdir()
        with Ports(tmp_path / "ports") as ports:
            at_once.wait(20)
            known = remember(data, ports)
            # Widgets are built, the database is made: nobody listens yet.
            over.wait(20)
        return [known[f"{one}_port"] for one in PORTS]

    with ThreadPoolExecutor(2) as two:
        chosen = [port for ports in two.map(start, ("one", "other")) for port in ports]
    assert len(set(chosen)) == 2 * len(PORTS)


def test_a_port_is_held_as_long_as_its_demo_lives(tmp_path: Path) -> None:
    with Ports(tmp_path / "ports") as first, Ports(tmp_path / "ports") as second:
        port = first.choose(0)
        assert port is not None
        assert not second.hold(port)
        assert second.choose(port) not in (port, None)
    with Ports(tmp_path / "ports") as later:
        assert later.hold(port)


def test_a_demo_keeps_its_ports_and_says_when_one_is_taken(tmp_path: Path) -> None:
    with Ports(tmp_path / "ports") as ports:
        known = remember(tmp_path, ports)
    with Ports(tmp_path / "ports") as ports:
        assert remember(tmp_path, ports) == known
        with (
            Ports(tmp_path / "ports") as beside,
            pytest.raises(click.ClickException, match="taken"),
        ):
            remember(tmp_path, beside)
    with socket.socket() as stranger, Ports(tmp_path / "ports") as ports:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        assert not ports.hold(stranger.getsockname()[1])
