"""What a door hands to the view behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from app.core.links import Link


@dataclass
class Visit:
    """One request that a door let in: its unit of work, its shop and who is asking.

    `staff` is the Shopify user id on the admin door; `claims` are the verified claims of a token
    or the subject of a signed link; `query` the verified parameters of the app proxy.
    """

    session: Session
    shop_id: int
    domain: str
    locale: str
    staff: str | None = None
    claims: dict[str, Any] | None = None


def bearer() -> Link:
    """The signed link of the running request, on the door where it opens no unit of work."""
    found: Link = g.bearer
    return found


def visitor() -> str | None:
    """Whose visit is running, as the admin door knows them; None outside one, where commands and
    jobs are."""
    found: Visit | None = g.get("visit") if g else None
    return found.staff if found else None


def current() -> Visit:
    """The visit of the running request; only views behind a door may ask."""
    found: Visit = g.visit
    return found
