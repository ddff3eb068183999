"""LINE notification messages: to a telephone number's hash, friend or not.

What LINE takes is not yet delivered: who blocked the account gets nothing, who never said whether
they want such messages is asked for a day, and only a delivery is told of, by an event of its own.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from app.sandbox.line.events import tell
from app.sandbox.line.messaging import LineRefused, check
from app.sandbox.line.people import PEOPLE, friendship, write
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work, moment

#: What people have set in the app; `unset` is neither yes nor no.
CHOICES = ("agree", "refuse", "unset")
DIGEST, TAG = re.compile(r"[0-9a-f]{64}"), re.compile(r"[ -~]{16,100}")
ASKED_FOR = timedelta(hours=24)
#: Of LINE's list of Japanese templates and buttons (partner documentation), with what they show.
TEMPLATES = {"shipment_completed_ja": "発送のお知らせ"}
BUTTONS = {
    "check_details_ja": "詳細を確認する",
    "check_delivery_status_ja": "配達状況を確認する",
    "change_delivery_datetime_ja": "配達日時を変更する",
    "contact_ja": "お問い合わせ",
    "check_order_history_ja": "注文履歴を確認する",
}


def flexible(work: Work, ours: Document, body: Document, headers: Any) -> Document:
    """Messages of one's own, which LINE's people have seen before."""
    check(body)
    if _has_picture(body["messages"]):
        raise LineRefused(400, "Images are not permitted in LINE notification messages")
    return _take(work, ours, body, headers, body["messages"])


def _has_picture(part: Any) -> bool:
    if isinstance(part, list):
        return any(map(_has_picture, part))
    if not isinstance(part, dict):
        return False
    return part.get("type") == "image" or _has_picture(list(part.values()))


def templated(work: Work, ours: Document, body: Document, headers: Any) -> Document:
    """One of LINE's own messages, with our links behind its buttons."""
    key = str(body.get("templateKey", ""))
    if key not in TEMPLATES:
        why = "The specified template doesn't exist, or you don't have the permission"
        raise LineRefused(400, f"Invalid templateKey: {key}",
                          details=[{"message": why, "property": "templateKey"}])  # fmt: skip
    buttons = (body.get("body") or {}).get("buttons", [])
    unknown = [one for one in buttons if one.get("buttonKey") not in BUTTONS]
    if unknown or len(buttons) > 2:
        raise LineRefused(400, f"The request body has {len(unknown) or 1} invalid key(s).")
    return _take(work, ours, body, headers, [_drawn(key, buttons)])


def _drawn(key: str, buttons: list[Document]) -> Document:
    taps = [
        {"type": "button", "style": "primary", "color": "#06803a",
         "action": {"type": "uri", "label": BUTTONS[one["buttonKey"]], "uri": one["url"]}}
        for one in buttons
    ]  # fmt: skip
    title = {"type": "text", "text": TEMPLATES[key], "weight": "bold", "wrap": True}
    bubble = {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": [title]},
        "footer": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": taps},
    }
    return {"type": "flex", "altText": TEMPLATES[key], "contents": bubble}


def _take(
    work: Work, ours: Document, body: Document, headers: Any, messages: list[Document]
) -> Document:
    if not ours.get("notices"):
        raise LineRefused(403, "Access to this API is not available for your account")
    if headers.get("X-Line-Retry-Key"):
        raise LineRefused(400, "This API does not support retry keys")
    to, tag = str(body.get("to", "")), headers.get("X-Line-Delivery-Tag")
    if not DIGEST.fullmatch(to):
        why = [{"message": "The value must be a valid SHA-256 digest.", "property": "to"}]
        raise LineRefused(400, "The request body has 1 error(s)", details=why)
    if tag is not None and not TAG.fullmatch(tag):
        raise LineRefused(400, "The delivery tag is invalid")
    person = next((name for name in PEOPLE if _digest(name) == to), None)
    if person is None or choice(work, person) == "refuse":
        raise LineRefused(422, "Failed to send messages")
    held: Document = {
        "id": work.new_id(), "person": person, "at": work.stamp,
        "messages": messages, "data": tag or to,
    }  # fmt: skip
    if choice(work, person) == "agree":
        _deliver(work, ours["domain"], held)
    elif friendship(work, ours["domain"], person) != "blocked":
        work.put("line_notice", ours["domain"], held["id"], held)
    return {}


def _digest(person: str) -> str:
    return hashlib.sha256(PEOPLE[person]["number"].encode()).hexdigest()


def _deliver(work: Work, domain: str, held: Document) -> None:
    if friendship(work, domain, held["person"]) == "blocked":
        return
    for message in held["messages"]:
        write(work, domain, held["person"], "account", message, notice=True)
    tell(work, domain, {"type": "delivery", "delivery": {"data": held["data"]}})


# --- the app on the phone ----------------------------------------------------------------------


def choice(work: Work, person: str) -> str:
    """Whether a person takes notification messages: `agree`, `refuse` or `unset`."""
    known = work.get("line_notice_choice", "", person)
    return str(known["choice"]) if known else "agree"


def choice_of(sandbox: Sandbox, person: str) -> str:
    """The same, for a page."""
    with sandbox.work() as work:
        return choice(work, person)


def choose(sandbox: Sandbox, person: str, wanted: str) -> None:
    """The person decides in the app; a yes brings what has waited for less than a day."""
    if person not in PEOPLE or wanted not in CHOICES:
        raise Refused("Nobody here can choose that.")
    with sandbox.work() as work:
        work.put("line_notice_choice", "", person, {"choice": wanted})
        domains = [shop["domain"] for shop in work.find("shop")]
    for domain in domains if wanted != "unset" else ():
        with sandbox.work(domain) as work:
            _settle(work, domain, person, wanted)


def _settle(work: Work, domain: str, person: str, wanted: str) -> None:
    for held in work.find("line_notice", domain, person=person):
        if wanted == "agree" and work.now - moment(held["at"]) <= ASKED_FOR:
            _deliver(work, domain, held)
        work.drop("line_notice", domain, held["id"])
