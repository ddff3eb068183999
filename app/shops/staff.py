"""The people who work in a shop's admin: who they are, asked of Shopify once a day each, and how
the pages name them.

Machine time all through: these are tokens and their weather, nothing that the shop's days decide.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import machine_now
from app.core.keeping import kept
from app.core.locale import gettext as _
from app.core.request import visitor
from app.shopify.tokens import Person
from app.shops.model import StaffMember

#: Names and languages change seldom: asked again after so long.
FRESH = timedelta(days=1)
#: Shopify refused or had no time: asked again after so long.
PAUSE = timedelta(minutes=15)


def may_ask(session: Session, user_id: str) -> bool:
    """Whether to ask Shopify now who this is: of the requests that a page sends together, one is
    told so, and nobody for a while after it."""
    at = machine_now()
    wanted = {"shop_id": session.info["shop_id"], "user_id": user_id, "ask_after": at + PAUSE}
    claimed = (
        insert(StaffMember)
        .values(**wanted, name="", locale="")
        .on_conflict_do_update(
            index_elements=["shop_id", "user_id"],
            set_={"ask_after": at + PAUSE},
            where=StaffMember.ask_after <= at,
        )
        .returning(StaffMember.user_id)
    )
    return session.scalar(claimed) is not None


def note(session: Session, user_id: str, person: Person) -> None:
    """Keep what Shopify says of a member of staff."""
    at = machine_now()
    session.execute(
        update(StaffMember)
        .where(StaffMember.user_id == user_id)
        .values(name=person.name[:200], locale=person.locale[:16], seen_at=at, ask_after=at + FRESH)
    )


def speak(session: Session, user_id: str, locale: str) -> None:
    """Keep the language that a member of staff has chosen in their admin."""
    session.execute(
        update(StaffMember).where(StaffMember.user_id == user_id).values(locale=locale[:16])
    )


def staff_name(session: Session, number: str | None) -> str:
    """A member of staff as a reader knows them: by name; before Shopify has said it, themselves
    where they read a page, or by Shopify's number."""
    if not number:
        return _("a member of staff")
    if name := kept_name(session, number):
        return name
    if number == visitor():
        return _("you")
    return _("a member of staff (Shopify ID %(number)s)", number=number)


def kept_name(session: Session, number: str | None) -> str:
    """The name of a member of staff; empty while Shopify has not said it."""

    def ask() -> dict[str, str]:
        rows = session.execute(select(StaffMember.user_id, StaffMember.name))
        return {user_id: name for user_id, name in rows if name}

    return kept(session, "shops.staff", ask).get(number or "", "")
