"""The thank-you extension's one question, and the offer's link."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import use_locale
from app.core.request import current
from app.shops import service as shops
from app.thankyou import page, service
from app.thankyou.api import Asked
from app.thankyou.service import Seen

widget = Blueprint("thankyou_widget", __name__)
public = Blueprint("thankyou_offer", __name__)

_decoder = msgspec.json.Decoder(Asked)
_encoder = msgspec.json.Encoder()


@widget.post("/thank-you")
def thank_you() -> Response:
    """What happens next, one offer, the LINE account."""
    return _answer(service.see)


@widget.post("/thank-you/decline")
def decline() -> Response:
    """The shopper says no to the offer: the same answer, with one other offer at most."""
    return _answer(service.decline)


def _answer(verb: Callable[[Session, Asked], Seen]) -> Response:
    visit = current()
    try:
        asked = _decoder.decode(request.get_data())
    except msgspec.DecodeError as error:
        raise Invalid({"body": str(error)}) from error
    seen = verb(visit.session, asked)
    with use_locale(seen.visit.locale):
        body = _encoder.encode(page.answer(visit.session, asked, seen))
    response = make_response(body)
    response.content_type = "application/json"
    return response


@public.get("")
def offer(token: str) -> BaseResponse:
    """To the checkout while the offer lasts; afterwards a page that says kindly that it is over."""
    visit = current()
    door = service.offer_door(visit.session, int((visit.claims or {})["grant"]))
    if door.checkout_url is not None:
        return redirect(door.checkout_url)
    shop = shops.shop(visit.session)
    with use_locale(door.locale):
        over = render_template(
            "public/offer/over.html",
            closed=door.closed,
            tracking_url=page.tracking_url(door.order, now(visit.session)) if door.order else None,
            brand=shops.brand(shop),
        )
    return make_response(over, 410)
