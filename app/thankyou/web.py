"""The thank-you extension's one question, and the offer's link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.clock import now
from app.core.drawn import Drawn
from app.core.errors import Invalid
from app.core.locale import choose_locale, use_locale
from app.core.request import current
from app.mirror import live
from app.shops import service as shops
from app.thankyou import modules, page, service
from app.thankyou.api import Answer, Asked, Told
from app.thankyou.service import Seen

T = TypeVar("T", bound=Asked)
Verb = Callable[[Session, Asked, int | None], Seen]

widget = Blueprint("thankyou_widget", __name__)
public = Blueprint("thankyou_offer", __name__)

#: What `Sec-Fetch-Site` says of a link on another site's page, or on one beside it.
TAPPED = frozenset({"cross-site", "same-site"})

_decoder = msgspec.json.Decoder(Asked)
_told = msgspec.json.Decoder(Told)
_encoder = msgspec.json.Encoder()
_drawn: Drawn[Answer] = Drawn()


@widget.post("/thank-you")
def thank_you() -> Response:
    """What happens next, one offer, the LINE account, what the shop asks: the whole page."""
    visit, asked = current(), _read(_decoder)
    session, who = visit.session, (visit.claims or {}).get("sub")
    shown = _drawn.show(
        session, (request.get_data(), who), lambda: _draw(asked, service.see), page.holds_until
    )
    return _said(page.counted(shown, now(session)))


@widget.post("/thank-you/decline")
def decline() -> Response:
    """The shopper says no to the offer: the same answer, with one other offer at most."""
    return _answer(_read(_decoder), service.decline)


@widget.post("/told")
def told() -> Response:
    """What a person answered to one module; the whole page anew."""
    return _answer(_read(_told), service.see)


def _read(decoder: msgspec.json.Decoder[T]) -> T:
    try:
        found = decoder.decode(request.get_data())
    except msgspec.DecodeError as error:
        raise Invalid({"body": str(error)}) from error
    if found.surface == "thank_you" and found.checkout_token is None:
        raise Invalid({"body": "A thank-you page belongs to a checkout."})
    return found


def _answer(asked: Asked, verb: Verb) -> Response:
    return _said(_draw(asked, verb))


def _draw(asked: Asked, verb: Verb) -> Answer:
    visit = current()
    seen = verb(visit.session, asked, _customer(visit.claims or {}))
    with use_locale(_language(asked, seen)):
        if isinstance(asked, Told):
            modules.take(seen.context, seen.parts, asked)
            seen = service.anew(visit.session, seen)
        return page.answer(visit.session, asked, seen)


def _said(answer: Answer) -> Response:
    response = make_response(_encoder.encode(answer))
    response.content_type = "application/json"
    return response


def _language(asked: Asked, seen: Seen) -> str:
    """The thank-you page keeps the language it was first seen in; later pages speak their own."""
    if seen.visit is not None and asked.surface == "thank_you":
        return seen.visit.locale
    return choose_locale(asked.locale, shops.shop(current().session).locale)


def _customer(claims: dict[str, object]) -> int | None:
    """Shopify's number of the customer who is logged in, if one is."""
    number = str(claims.get("sub") or "").rsplit("/", 1)[-1]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


@public.get("")
def offer(token: str) -> BaseResponse:
    """To the checkout while the offer lasts and its goods do; afterwards a page that says kindly
    that it is over."""
    visit = current()
    grant = int((visit.claims or {})["grant"])
    door = service.offer_door(visit.session, grant, tapped=_tapped())
    if door.checkout_url is not None:
        if not live.sold_out(visit.session, dict.fromkeys(door.variants, 1)):
            return redirect(door.checkout_url)
        door = replace(door, checkout_url=None, closed="sold_out")
    shop = shops.shop(visit.session)
    with use_locale(door.locale):
        over = render_template(
            "public/offer/over.html",
            closed=door.closed,
            tracking_url=page.tracking_url(door.order, now(visit.session)) if door.order else None,
            brand=shops.brand(shop),
        )
    return make_response(over, 410)


def _tapped() -> bool:
    """Whether somebody came from a page, by what their browser says of it: a link that was pasted,
    sent on by message or looked at by a program comes from nowhere."""
    said = request.headers
    return said.get("Sec-Fetch-Mode") == "navigate" and said.get("Sec-Fetch-Site") in TAPPED
