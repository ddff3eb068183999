"""How often somebody may guess: counters in Redis, in machine time.

Three windows, asked one after the other so that who is refused by the first does not use up the
later ones: an address (of one shop), an order's number from wherever it is asked, and the whole
shop. They count tries and not misses, so that a refusal says nothing about what exists. When Redis
is away this process counts by itself: people are still answered, and an attacker gains at most one
allowance a process.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

import structlog
from flask import current_app, request
from redis import Redis
from redis.exceptions import RedisError

from app.core.clock import machine_now
from app.core.runtime import runtime

log = structlog.get_logger(__name__)

#: A person waits no longer for a counter than this.
PATIENCE_S = 0.25
#: Counters that one process keeps by itself; the oldest go first.
KEPT = 10_000


@dataclass(frozen=True)
class Window:
    """At most `tries` in each stretch of `seconds`."""

    name: str
    tries: int
    seconds: int


#: An address may be a whole phone network's: enough for several people who mistype.
ADDRESS = Window("address", 20, 600)
#: A postal code has about 120,000 values: at this pace all of them take one order 500 days.
ORDER = Window("order", 10, 3600)
SHOP = Window("shop", 1000, 600)


class Counters:
    """Counts in Redis; in this process when Redis does not answer."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(
            url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
        )
        self._own: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def add(self, key: str, seconds: int) -> int:
        """Count one more under `key`, which is forgotten after `seconds`; the new count."""
        try:
            with self.redis.pipeline(transaction=True) as together:
                together.incr(key)
                together.expire(key, seconds)
                return int(together.execute()[0])
        except RedisError as error:
            log.warning("lookups_counted_alone", error=type(error).__name__)
            return self._add_own(key)

    def _add_own(self, key: str) -> int:
        with self._lock:
            self._own[key] = self._own.get(key, 0) + 1
            self._own.move_to_end(key)
            while len(self._own) > KEPT:
                self._own.popitem(last=False)
            return self._own[key]


def wait_seconds(shop_id: int, address: str, order_key: str) -> int:
    """Count one try; 0 when it may go on, else for how many seconds it has to wait."""
    for window, who in ((ADDRESS, address), (ORDER, order_key), (SHOP, "")):
        moment = int(machine_now().timestamp())
        stretch, passed = divmod(moment, window.seconds)
        key = f"okaeri:lookup:{shop_id}:{window.name}:{_veiled(who)}:{stretch}"
        if _counters().add(key, window.seconds) > window.tries:
            return window.seconds - passed
    return 0


def address(*, through_store: bool) -> str:
    """Whose try it is. `TRUSTED_PROXIES` of the host's own proxies stand before us; behind the
    store's proxy, whose signature is verified, Shopify is one more, and the address is the one it
    names last. An IPv6 household owns a whole /64."""
    named = list(request.access_route) if through_store else []
    before_us = runtime().settings.trusted_proxies
    found = named[-1 - before_us] if len(named) > before_us else request.remote_addr or ""
    try:
        parsed = ip_address(found)
    except ValueError:
        return found
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def _veiled(text: str) -> str:
    """Addresses and order numbers stay out of Redis: a keyed digest stands for them."""
    key = runtime().settings.secret_keys[0].encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _counters() -> Counters:
    made = current_app.extensions.get("okaeri.lookups")
    if made is None:
        made = current_app.extensions["okaeri.lookups"] = Counters(runtime().settings.redis_url)
    found: Counters = made
    return found
