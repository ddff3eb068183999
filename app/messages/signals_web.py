"""Where mails report back: the picture that says "opened" and the links that lead on.

These GETs write one append-only row in a unit of work of their own and change nothing a reader or
a merchant decided (decision 0012). The answer never waits on that row and never fails with it.
"""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, make_response, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.db import unit_of_work
from app.core.errors import Forbidden
from app.core.links import Link
from app.core.request import bearer
from app.messages import signals
from app.messages.signal_rules import CLICK, OPEN, SCANNER, TRAP, at_first_sight

opens = Blueprint("messages_opens", __name__)
clicks = Blueprint("messages_clicks", __name__)

log = structlog.get_logger(__name__)

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@opens.get("")
def pixel(token: str) -> Response:  # noqa: ARG001  # the door has read it
    """One transparent point."""
    _note(bearer(), OPEN)
    response = make_response(PIXEL)
    response.mimetype = "image/gif"
    return response


@clicks.get("")
def follow(token: str) -> BaseResponse:  # noqa: ARG001  # the door has read it
    """Lead on to where the link said when we signed it, and nowhere else."""
    link = bearer()
    target = str(link.subject.get("u", ""))
    if urlsplit(target).scheme not in ("http", "https"):
        raise Forbidden("This link is not valid.")
    _note(link, CLICK)
    return redirect(target, 302)


def _note(link: Link, what: str) -> None:
    """Keep the signal; whoever only asks for the headers has neither opened nor followed."""
    if request.method == "HEAD":
        return
    name = str(link.subject.get("l", ""))
    verdict = SCANNER if name == TRAP else at_first_sight(what, dict(request.headers))
    try:
        with unit_of_work(link.shop_id) as session:
            signals.note(
                session,
                int(link.subject["m"]),
                what,
                verdict=verdict,
                link=name,
                number=int(link.subject.get("n", 0)),
            )
    except SQLAlchemyError as error:
        # The reader is on the way to a page: a figure less is better than a page less.
        log.warning("signal_lost", shop_id=link.shop_id, what=what, error=type(error).__name__)
