"""Page or fragment: one view answers both."""

from __future__ import annotations

from flask import request


def wants_fragment() -> bool:
    """True when htmx asks for a part of the page (a boosted navigation wants the whole)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") == "partial"
