"""The Messaging API: push, reply, quota, profiles. What a friend gets stands in the chat; what goes
to someone who blocked the account is accepted and lost, as at LINE."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from app.core.clock import machine_now
from app.sandbox.line.objects import faults
from app.sandbox.line.people import PEOPLE, friendship, person_of, write
from app.sandbox.store import Document, Work, moment

#: A retry key is remembered for a day.
RETRY = timedelta(hours=24)
#: LINE counts a month in Japan's time.
HOME = ZoneInfo("Asia/Tokyo")


class LineRefused(Exception):
    """LINE's answer to a request it does not carry out."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.more = status, more

    @property
    def body(self) -> Document:
        """The JSON of the answer; `headers` stay out of it."""
        return {
            "message": str(self),
            **{key: value for key, value in self.more.items() if key != "headers"},
        }


def push(work: Work, ours: Document, body: Document, retry_key: str | None) -> Document:
    """Send to one person; the same retry key twice is 409, and nothing is sent twice."""
    known = _known_key(work, ours, retry_key)
    if known:
        raise LineRefused(
            409,
            "The retry key is already accepted",
            sentMessages=known["sent"],
            headers={"X-Line-Accepted-Request-Id": known["request"]},
        )
    _need_good(body.get("messages"))
    person = person_of(ours, str(body.get("to", "")))
    if person is None:
        details = [{"message": "is not a valid user ID", "property": "to"}]
        raise LineRefused(400, "The property, 'to', in the request body is invalid",
                          details=details)  # fmt: skip
    if consumption(work, ours) >= ours["quota"]:
        raise LineRefused(429, "You have reached your monthly limit.")
    sent = _deliver(work, ours, person, body["messages"], quiet=bool(
        body.get("notificationDisabled")
    ))  # fmt: skip
    if retry_key:
        kept = {"sent": sent, "request": str(uuid4()), "until": _later(RETRY)}
        work.put("line_retry", ours["domain"], retry_key, kept)
    return {"sentMessages": sent}


def _known_key(work: Work, ours: Document, retry_key: str | None) -> Document | None:
    if retry_key is None:
        return None
    try:
        UUID(retry_key)
    except ValueError as error:
        raise LineRefused(400, "The retry key is invalid") from error
    known = work.get("line_retry", ours["domain"], retry_key)
    return known if known and moment(known["until"]) > machine_now() else None


def reply(work: Work, ours: Document, body: Document) -> Document:
    """Answer an event: free of charge, once, within a minute."""
    _need_good(body.get("messages"))
    token = str(body.get("replyToken", ""))
    held = work.get("line_reply", ours["domain"], token)
    person = person_of(ours, held["user"]) if held else None
    if held is None or person is None or moment(held["until"]) <= machine_now():
        raise LineRefused(400, "Invalid reply token")
    work.drop("line_reply", ours["domain"], token)
    return {"sentMessages": _deliver(work, ours, person, body["messages"], free=True)}


def _deliver(
    work: Work, ours: Document, person: str, messages: list[Document], **marks: Any
) -> list[Document]:
    arrives = friendship(work, ours["domain"], person) == "friend"
    sent = []
    # A push counts once per person, however many bubbles it has.
    for number, message in enumerate(messages):
        marks["counts"] = arrives and not marks.get("free") and number == 0
        if arrives:
            line = write(work, ours["domain"], person, "account", message, **marks)
        sent.append({"id": str(line["id"] if arrives else work.new_id()),
                     "quoteToken": uuid4().hex})  # fmt: skip
    return sent


def _need_good(messages: Any) -> None:
    wrong = faults(messages)
    if wrong:
        details = [{"message": why, "property": where} for where, why in wrong]
        count = len(wrong)
        raise LineRefused(400, f"The request body has {count} error(s)", details=details)


def check(body: Document) -> None:
    """`validate/push`: says what push would say about the messages."""
    _need_good(body.get("messages"))


def consumption(work: Work, ours: Document) -> int:
    """Messages that counted this month."""
    month = work.now.astimezone(HOME).strftime("%Y-%m")
    counted = work.find("line_chat", ours["domain"], counts=True)
    return sum(moment(one["at"]).astimezone(HOME).strftime("%Y-%m") == month for one in counted)


def quota(ours: Document) -> Document:
    """The month's limit."""
    return {"type": "limited", "value": ours["quota"]}


def info(ours: Document) -> Document:
    """Who the account is."""
    return {
        "userId": ours["bot_user_id"],
        "basicId": ours["basic_id"],
        "displayName": ours["name"],
        "chatMode": "bot",
        "markAsReadMode": "auto",
    }


def profile(work: Work, ours: Document, user: str) -> Document:
    """A friend's profile; 404 for anybody else."""
    person = person_of(ours, user) if re.fullmatch(r"U[0-9a-f]{32}", user) else None
    if person is None or friendship(work, ours["domain"], person) != "friend":
        raise LineRefused(404, "Not found")
    return {
        "userId": user,
        "displayName": PEOPLE[person]["name"],
        "language": PEOPLE[person]["language"],
    }


def _later(span: timedelta) -> str:
    return (machine_now() + span).isoformat()
