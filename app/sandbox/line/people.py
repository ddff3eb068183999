"""People with LINE on their phones: whose friend an account is, and what stands in their chats.

A person has another user id at every provider, as at LINE.
"""

from __future__ import annotations

import hashlib
from typing import Any

from app.sandbox.line.accounts import account
from app.sandbox.line.events import tell
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work

#: With the mobile numbers that their LINE accounts are registered with.
PEOPLE = {
    "haruka": {"name": "はるか", "language": "ja", "number": "+819012340001"},
    "kenta": {"name": "けんた", "language": "ja", "number": "+819012340002"},
    "sarah": {"name": "Sarah", "language": "en", "number": "+819012340003"},
}


def user_id(account: Document, person: str) -> str:
    """The person's id at the account's provider."""
    told = f"{account['provider']}/{person}".encode()
    return "U" + hashlib.sha256(told).hexdigest()[:32]


def person_of(account: Document, user: str) -> str | None:
    """Whose id this is at the account's provider."""
    return next((name for name in PEOPLE if user_id(account, name) == user), None)


def friendship(work: Work, domain: str, person: str) -> str:
    """`stranger`, `friend` or `blocked`."""
    known = work.get("line_friend", domain, person)
    return str(known["state"]) if known else "stranger"


def follow(sandbox: Sandbox, domain: str, person: str) -> None:
    """Add the account as a friend, or unblock it."""
    with sandbox.work(domain) as work:
        befriend(work, domain, person)


def befriend(work: Work, domain: str, person: str) -> None:
    """The same inside a transaction; who is a friend already stays one."""
    before = friendship(work, domain, _known(person))
    if before == "friend":
        return
    work.put("line_friend", domain, person, {"person": person, "state": "friend"})
    event = {"type": "follow", "follow": {"isUnblocked": before == "blocked"}}
    tell(work, domain, event, user=_id(work, domain, person), reply=True)


def block(sandbox: Sandbox, domain: str, person: str) -> None:
    """Block the account: it hears of it, and nothing it sends arrives any more."""
    with sandbox.work(domain) as work:
        if friendship(work, domain, _known(person)) != "friend":
            raise Refused("Only a friend can be blocked.")
        work.put("line_friend", domain, person, {"person": person, "state": "blocked"})
        tell(work, domain, {"type": "unfollow"}, user=_id(work, domain, person))


def say(sandbox: Sandbox, domain: str, person: str, words: str) -> None:
    """The person writes to the account."""
    with sandbox.work(domain) as work:
        _need_friend(work, domain, person)
        line = write(work, domain, person, "person", {"type": "text", "text": words[:5000]})
        message = {"type": "text", "id": str(line["id"]), "text": words[:5000],
                   "quoteToken": f"q{line['id']}"}  # fmt: skip
        event = {"type": "message", "message": message}
        tell(work, domain, event, user=_id(work, domain, person), reply=True)


def tap(
    sandbox: Sandbox, domain: str, person: str, data: str, display_text: str | None = None
) -> None:
    """The person taps a button that posts back; what it displays stands in the chat."""
    with sandbox.work(domain) as work:
        _need_friend(work, domain, person)
        if display_text:
            write(work, domain, person, "person", {"type": "text", "text": display_text})
        event = {"type": "postback", "postback": {"data": data[:300]}}
        tell(work, domain, event, user=_id(work, domain, person), reply=True)


def write(
    work: Work, domain: str, person: str, by: str, message: Document, **more: Any
) -> Document:
    """Put one bubble into a chat; `by` is `person` or `account`."""
    number = work.new_id()
    line = {"id": number, "person": person, "by": by, "message": message, "at": work.stamp, **more}
    return work.put("line_chat", domain, number, line)


def chat(sandbox: Sandbox, domain: str, person: str) -> list[Document]:
    """What stands in a chat, oldest first."""
    with sandbox.work() as work:
        return work.find("line_chat", domain, person=_known(person))


def friendship_of(sandbox: Sandbox, domain: str, person: str) -> str:
    """`stranger`, `friend` or `blocked`."""
    with sandbox.work() as work:
        return friendship(work, domain, _known(person))


def _known(person: str) -> str:
    if person not in PEOPLE:
        raise Refused(f"Nobody here is called {person}.")
    return person


def _need_friend(work: Work, domain: str, person: str) -> None:
    if friendship(work, domain, _known(person)) != "friend":
        raise Refused("First add the account as a friend.")


def _id(work: Work, domain: str, person: str) -> str:
    return user_id(account(work, domain), person)
