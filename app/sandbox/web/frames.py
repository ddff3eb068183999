"""What both pages with an extension serve beside themselves: its frame, its script, its token."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, make_response, render_template, request

from app.core.errors import NotFound
from app.sandbox import blocks, verbs
from app.sandbox.running import here
from app.sandbox.web import extension
from app.sandbox.web.shell import Answer


def block_at(target: str) -> blocks.Extension | None:
    """The extension that stands at this place of the shop."""
    if verbs.installation(here(), g.domain) is None:
        return None
    if target not in blocks.placed(here(), g.domain):
        return None
    return next((one for one in blocks.extensions(here()) if target in one.targets), None)


def built(target: str) -> blocks.Extension:
    """The same, when it is placed and built."""
    block = block_at(target)
    if block is None or block.script is None:
        raise NotFound(target)
    return block


def frame(target: str, checkout: dict[str, Any], order: dict[str, Any]) -> Answer:
    """The document the extension renders into."""
    block = built(target)
    host = request.host_url.rstrip("/")
    data = extension.data(target, block, g.shop, checkout, order, host=host)
    return render_template("sandbox/store/extension.html", data=data, block=block)


def script(target: str) -> Answer:
    """The built bundle."""
    path = built(target).script
    response = make_response(path.read_bytes() if path else b"")
    response.headers.update({"Content-Type": "text/javascript", "Cache-Control": "no-store"})
    return response


def token(target: str) -> Answer:
    """The token the extension shows to its own server."""
    if block_at(target) is None:
        raise NotFound(target)
    at_checkout = target == extension.THANK_YOU
    response = jsonify(token=verbs.issue_session_token(here(), g.domain, at_checkout=at_checkout))
    response.headers["Cache-Control"] = "no-store"
    return response
