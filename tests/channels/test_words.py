"""What went wrong is told in the reader's language; what the other side said stays as it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app import channels
from app.channels.words import told
from app.core.locale import LANGUAGES, use_locale

#: How what is raised for the other side's words alone begins: with its name or a number.
THEIRS = re.compile(r"(LINE: |Amazon SES: |\d+ |)")
RAISED = {"GiveUp", "TryLater", "Unavailable", "InDoubt", "Bounced"}


def raised() -> list[str]:
    """How every sentence begins that a channel raises."""
    found = []
    for path in sorted(Path(channels.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
                found += [_beginning(node.args[0])] if node.args else []
    return [one for one in found if not THEIRS.fullmatch(one)]


def _beginning(said: ast.expr) -> str:
    first = said.values[0] if isinstance(said, ast.JoinedStr) else said
    return str(first.value) if isinstance(first, ast.Constant) else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_ours_is_in_the_readers_language(language: str) -> None:
    sentences = raised()
    assert len(sentences) > 12
    with use_locale(language):
        for said in sentences:
            sentence = told(said).sentence
            assert sentence, said
            assert sentence.isascii() == (language == "en") or "’" in sentence


def test_what_the_other_side_said_is_quoted() -> None:
    with use_locale("ja"):
        assert told("550 5.7.1 no: spam") == ("", "550 5.7.1 no: spam")
        refused = told("The mail server cannot be reached: [Errno 111] Connection refused")
        assert str(refused) == (
            "メールサーバーに接続できませんでした。 [Errno 111] Connection refused"
        )
        assert str(told("")) == ""
