"""The time machine: business time goes forward from due moment to due moment."""

from __future__ import annotations

import time as machine
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for

from app.core.clock import next_due
from app.sandbox import agenda, verbs
from app.sandbox.running import here
from app.sandbox.web.shell import Answer, face

time = face("time")

JUMPS = ("1h", "1d", "3d", "14d", "30d")
POLL_SECONDS = 0.1


@time.get("/time")
def index() -> Answer:
    """The clock, the buttons, and the last journey step by step."""
    return render_template("sandbox/time.html", jumps=JUMPS, **_state())


@time.get("/time/progress")
def progress() -> Answer:
    """The part of the page that changes while time runs."""
    return render_template("sandbox/time_progress.html", **_state())


@time.post("/time")
def go() -> Answer:
    """Start a journey forward."""
    try:
        verbs.start_forward(here(), request.form.get("forward", "").strip())
    except (verbs.Refused, ValueError) as error:
        page = render_template("sandbox/time.html", jumps=JUMPS, error=str(error), **_state())
        return page, 422
    return redirect(url_for("sandbox_time.index"), 303)


@time.post("/time.json")
def go_json() -> Answer:
    """Go forward and answer when the journey is over: for tests and the command line."""
    wish = request.get_json(silent=True) or {}
    try:
        verbs.start_forward(here(), str(wish.get("forward", "")))
    except (verbs.Refused, ValueError) as error:
        return jsonify(error=str(error)), 422
    while (state := verbs.forward_state(here())) and state["state"] == "running":
        machine.sleep(POLL_SECONDS)
    return jsonify(state)


@time.get("/time.json")
def state_json() -> Answer:
    """The clock and the journey for programs."""
    state = _state()
    upcoming = state["upcoming"]
    return jsonify(
        now=here().now().isoformat(),
        next_due=upcoming and upcoming.isoformat(),
        forward=state["forward"],
    )


def _state() -> dict[str, Any]:
    moments = (next_due(here().owner), agenda.next_due(here()))
    upcoming = min((one for one in moments if one is not None), default=None)
    return {"forward": verbs.forward_state(here()), "upcoming": upcoming}
