"""The command that reads tracking numbers."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from app.cli.carriers import carriers


@pytest.mark.parametrize("number", ["", "  ", "---"])
def test_no_number_is_a_mistake_and_not_an_unknown_number(number: str) -> None:
    said = CliRunner().invoke(carriers, ["check", "--", number])
    assert said.exit_code == 2
    assert "no number given" in said.output


def test_a_number_is_read() -> None:
    said = CliRunner().invoke(carriers, ["check", "1Z999AA10123456784"])
    assert said.exit_code == 0
    assert "UPS" in said.output
