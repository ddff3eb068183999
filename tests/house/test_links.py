"""Signed links: short ones as they are, long ones packed, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.core import links
from app.core.errors import Forbidden

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("length", [1, links.WORTH_PACKING, 4000])
def test_what_was_signed_can_be_read(length: int, app: Flask) -> None:
    subject = {"u": "https://hinata.example/珈琲?" + "a=1&" * (length // 4), "n": 7}
    with app.app_context():
        token = links.sign(3, "click", subject, UNTIL)
        assert links.peek(token, "click") == links.Link(3, "click", subject, UNTIL)
        assert len(token) < 800
        with pytest.raises(Forbidden):
            links.peek(token, "track")
        body, dot, mac = token.rpartition(".")
        with pytest.raises(Forbidden):
            links.peek(body + dot + mac[::-1], "click")
