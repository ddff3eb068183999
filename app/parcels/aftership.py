"""AfterShip, for shops that have an account there: it is told of every parcel, and tells what the
carrier does with it. Elsewhere Shopify's own events count, and silence is what it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import msgspec

from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime

if TYPE_CHECKING:
    from tracking import Client

#: The tag of a checkpoint → Shopify's FulfillmentEventStatus (lower case). `Pending` and `Expired`
#: say that AfterShip knows nothing.
STATUSES = {
    "InfoReceived": "confirmed",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AttemptFail": "attempted_delivery",
    "AvailableForPickup": "ready_for_pickup",
    "Delivered": "delivered",
    "Exception": "failure",
}
#: Taking a parcel over and moving it are two things.
ACCEPTED = "InTransit_002"
#: Ours → AfterShip's names of carriers whose numbers look alike; the others it finds by itself.
SLUGS = {
    "yamato": "taqbin-jp",
    "sagawa": "sagawa",
    "japan-post": "japan-post",
    "seino": "seino",
    "fukuyama": "fukuyama",
}
PATIENCE_MS = 10_000


class Checkpoint(msgspec.Struct):
    """One scan, as much of it as counts here."""

    checkpoint_time: str = ""
    tag: str = ""
    subtag: str | None = None
    message: str | None = None
    city: str | None = None
    state: str | None = None


class Estimate(msgspec.Struct):
    """The carrier's day."""

    estimated_delivery_date: str | None = None


class Tracked(msgspec.Struct):
    """A parcel as AfterShip sees it."""

    tracking_number: str = ""
    checkpoints: list[Checkpoint] = []
    courier_estimated_delivery_date: Estimate | None = None


class Told(msgspec.Struct):
    """The body of a webhook."""

    event: str = ""
    event_id: str = ""
    msg: Tracked = msgspec.field(default_factory=Tracked)


@dataclass(frozen=True)
class Scan:
    """A checkpoint in Shopify's words. `key` names it for good."""

    key: int
    status: str
    at: datetime
    message: str | None
    city: str | None
    province: str | None
    estimated: datetime | None


def register(key: str, *, number: str, carrier: str | None, title: str) -> None:
    """Have AfterShip follow a parcel; one that it follows already is fine. Raises `TryLater` and
    `GiveUp`."""
    wanted = {"tracking_number": number, "title": title}
    slug = SLUGS.get(carrier or "")
    given = wanted | ({"slug": slug} if slug else {})
    _asked(lambda: _client(key).tracking.create_tracking(given))


def check(key: str) -> None:
    """Prove a key: AfterShip shows the newest parcel of its account, or refuses. Raises `TryLater`
    and `GiveUp`."""
    _asked(lambda: _client(key).tracking.get_trackings(limit=1))


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether AfterShip signed the raw body: HMAC-SHA256 in base64."""
    made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(made, signature.encode())


def read(body: bytes) -> Told:
    """A webhook's body; raises `GiveUp` for what is none."""
    try:
        return msgspec.json.decode(body, type=Told)
    except msgspec.DecodeError as error:
        raise GiveUp("not understood") from error


def scans(told: Tracked, zone: str) -> Iterator[Scan]:
    """The checkpoints that say something, the estimate with the newest. Times without a zone are
    the shop's."""
    dated = [(at, one) for one in told.checkpoints if (at := _moment(one.checkpoint_time, zone))]
    known = sorted((pair for pair in dated if pair[1].tag in STATUSES), key=lambda pair: pair[0])
    given = told.courier_estimated_delivery_date
    estimated = _moment(given.estimated_delivery_date or "", zone) if given else None
    for at, one in known:
        accepted = one.subtag == ACCEPTED
        yield Scan(
            key=_key(told.tracking_number, one),
            status="carrier_picked_up" if accepted else STATUSES[one.tag],
            at=at,
            message=one.message,
            city=one.city,
            province=one.state,
            estimated=estimated if one is known[-1][1] else None,
        )


def _moment(text: str, zone: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def _key(number: str, one: Checkpoint) -> int:
    """Below zero, so that it is never one of Shopify's."""
    text = "|".join((number, one.checkpoint_time, one.tag, one.message or ""))
    digest = hashlib.sha256(text.encode()).digest()
    return -1 - (int.from_bytes(digest[:8], "big") >> 2)


def _client(key: str) -> Client:
    # Late import: the SDK takes an eighth of every process's start, and few shops have a key.
    from tracking import Client, Configuration

    configuration = Configuration(
        domain=runtime().settings.aftership_api_url.rstrip("/"),
        api_key=key,
        max_retry=0,
        timeout=PATIENCE_MS,
    )
    # Never closed: the SDK's clients share one connection pool for the whole process.
    return Client(configuration)


def _asked(call: Callable[[], Any]) -> None:
    from tracking.exceptions import ApiException, ErrorCodeEnum

    try:
        call()
    except ApiException as error:
        if str(error.code) == ErrorCodeEnum.TRACKING_ALREADY_EXIST.value or error.meta_code == 4003:
            return
        status = error.status_code or 503
        if status == 429 or status >= 500:
            raise TryLater(f"AfterShip answered {status}") from error
        raise GiveUp(f"AfterShip refused: {error.message}") from error
    except (OSError, httpx.TransportError) as error:
        raise TryLater("AfterShip does not answer") from error
