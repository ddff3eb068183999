"""The links of a message: tagged for the store's own statistics, and led through us where clicks
are counted, in both parts of a mail and on a card. What acts (the way out, preferences) is left
alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.core import links
from app.messages.signal_rules import TRAP

#: What a link of ours leads to, by the first part of its path.
OURS = {
    "t": "track", "r": "reorder", "reviews": "review", "o": "offer", "g": "guide",
    "survey": "survey",
}  # fmt: skip
#: Links that act on what the reader decides: nobody stands between them and us.
ACTING = frozenset({"u", "c", "p", "preferences", "confirm"})
STORE, OTHER = "store", "other"
#: LINE takes no longer link (Messaging API reference, URI action).
LONGEST_URI = 1000

Json = dict[str, Any]

_ANCHOR = re.compile(r'(<a\b[^>]*?\shref=")([^"]*)(")', re.IGNORECASE)
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_ENDS = ".,;:!?'\")]"
_TRAP = (
    '<a href="{url}" style="display:none;max-height:0;overflow:hidden" tabindex="-1" '
    'aria-hidden="true"></a>'
)
_SENT_PIXEL = re.compile(r'<img src="[^"]*/p/[^"/]+\.gif"[^>]*>')
_PIXEL = '<img src="{url}" width="1" height="1" alt="" style="display:block;border:0">'


@dataclass(frozen=True)
class Wrapping:
    """Whose links these are, how the store's are tagged, and what of them is counted."""

    shop_id: int
    message_id: int
    app_url: str
    store_hosts: frozenset[str]
    medium: str
    campaign: str
    content: str
    opens: bool
    clicks: bool
    expires: datetime


def dress(html: str, plain: str, way: Wrapping) -> tuple[str, str]:
    """The mail's two parts with their links as they leave the house. Those of the plain part are
    numbered on: whoever follows the links of both is no person."""
    numbers = count(1)

    def anchor(found: re.Match[str]) -> str:
        url = link(unescape(found[2]), next(numbers), way)
        return f"{found[1]}{escape(url, quote=True)}{found[3]}"

    def written(found: re.Match[str]) -> str:
        # What ends the sentence is not the link's.
        url = found[0].rstrip(_ENDS)
        return link(url, next(numbers), way) + found[0][len(url) :]

    dressed = _ANCHOR.sub(anchor, html)
    if way.clicks and _ANCHOR.search(html):
        url = _through_us(way.app_url or "/", TRAP, 0, way)
        dressed = _before_the_end(dressed, _TRAP.format(url=url))
    if way.opens:
        token = links.sign(way.shop_id, "open", {"m": way.message_id}, way.expires)
        pixel = _PIXEL.format(url=f"{way.app_url}/p/{token}.gif")
        dressed = _before_the_end(dressed, pixel)
    return dressed, _URL.sub(written, plain)


def dress_card(card: Json, way: Wrapping) -> Json:
    """A card with its buttons' links as they leave the house. LINE opens them in its own browser
    when a person taps them."""
    numbers = count(1)

    def dressed(part: Any) -> Any:
        if isinstance(part, list):
            return [dressed(one) for one in part]
        if not isinstance(part, dict):
            return part
        made = {name: dressed(value) for name, value in part.items()}
        if made.get("type") == "uri":
            made["uri"] = _short_enough(made["uri"], next(numbers), way)
        return made

    found: Json = dressed(card)
    return found


def _short_enough(url: str, number: int, way: Wrapping) -> str:
    """A button's link as it leaves the house: counted, or only tagged, or as it was, whichever LINE
    still takes."""
    named = bool(name_of(url, way))
    ways = (link(url, number, way), _tagged(url, way) if named else url)
    return next((one for one in ways if len(one) <= LONGEST_URI), url)


def unseen(html: str) -> str:
    """A sent mail for the eyes of the shop: looking at it there is not the reader's opening it."""
    return _SENT_PIXEL.sub("", html)


def link(url: str, number: int, way: Wrapping) -> str:
    """One link as it leaves the house; `number` is its place in the message."""
    name = name_of(url, way)
    if not name:
        return url
    tagged = _tagged(url, way)
    return _through_us(tagged, name, number, way) if way.clicks else tagged


def name_of(url: str, way: Wrapping) -> str:
    """What a link leads to, in one word that says nothing about its reader; empty for what is no
    page or acts."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return ""
    if url.startswith(f"{way.app_url}/"):
        first = urlsplit(url[len(way.app_url) :]).path.strip("/").partition("/")[0]
        return "" if first in ACTING else OURS.get(first, OTHER)
    return STORE if parts.hostname in way.store_hosts else OTHER


def _tagged(url: str, way: Wrapping) -> str:
    """A link to the store with its campaign; one that carries a campaign keeps it."""
    parts = urlsplit(url)
    if parts.hostname not in way.store_hosts or "utm_" in parts.query:
        return url
    campaign = {
        "utm_source": "okaeri",
        "utm_medium": way.medium,
        "utm_campaign": way.campaign,
        "utm_content": way.content,
    }
    query = [*parse_qsl(parts.query, keep_blank_values=True), *campaign.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _through_us(url: str, name: str, number: int, way: Wrapping) -> str:
    # The target is in the signed token: it leads on even when nothing of ours can be read.
    subject = {"m": way.message_id, "n": number, "l": name, "u": url}
    return f"{way.app_url}/c/{links.sign(way.shop_id, 'click', subject, way.expires)}"


def _before_the_end(html: str, piece: str) -> str:
    head, found, tail = html.rpartition("</body>")
    return f"{head}{piece}{found}{tail}" if found else html + piece
