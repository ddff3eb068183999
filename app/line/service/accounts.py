"""The shop's official account: connect, disconnect, what LINE says of its month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.consent import service as consent
from app.core.clock import machine_now, now
from app.core.errors import NotFound
from app.core.secrets import seal
from app.journal.service import record
from app.line import queries
from app.line.events import LineConnected
from app.line.model import LineAccount, LineFriend, LineNonce, LineQuestion
from app.line.words import NOTICE_POLICY_VERSION
from app.shops import service as shops


@dataclass(frozen=True)
class Channels:
    """What a merchant copies from LINE's consoles; Login is optional."""

    channel_id: str
    channel_secret: str
    channel_token: str
    login_channel_id: str = ""
    login_channel_secret: str = ""


def connect(
    session: Session, given: Channels, *, user_id: str, basic_id: str, name: str, who: str
) -> LineAccount:
    """Keep an account that was tested. Another account than before has other user ids: whoever was
    linked to the old one is not any more. Announces `LineConnected`."""
    known = queries.account(session)
    if known is not None and known.bot_user_id != user_id:
        disconnect(session)
        known = None
    values = {
        "bot_user_id": user_id,
        "basic_id": basic_id,
        "name": name[:128],
        "channel_id": given.channel_id,
        "channel_secret": seal(given.channel_secret),
        "channel_token": seal(given.channel_token),
        "login_channel_id": given.login_channel_id or None,
        "login_channel_secret": seal(given.login_channel_secret)
        if given.login_channel_secret
        else None,
        "connected_at": now(session),
        "connected_by": who[:64],
    }
    if known is None:
        known = LineAccount(shop_id=session.info["shop_id"], limits={}, quota_used=0, **values)
        session.add(known)
        # Whoever links their LINE is told that news comes there.
        _prefer(session, "line")
    else:
        for column, value in values.items():
            setattr(known, column, value)
    session.flush()
    shops.set_line(session, url=queries.friend_url(known), linking=True)
    record(session, LineConnected(occurred_at=now(session)))
    return known


def disconnect(session: Session) -> None:
    """Forget the account and everyone's user ids: nothing leaves by LINE any more."""
    shops.set_line(session, url=None, linking=False)
    shops.set_line_notices(session, "")
    consent.forget_channel(session, "line")
    _prefer(session, "email")
    for table in (LineAccount, LineFriend, LineNonce, LineQuestion):
        session.execute(delete(table))


def set_webhook(session: Session, by: Literal["us", "other"], forward_url: str) -> None:
    """Who receives LINE's webhook, and (where we do) whom we hand it on to; empty for nobody."""
    account = _need(session)
    account.webhook_by = by
    account.forward_url = seal(forward_url) if forward_url and by == "us" else None


def keep_quota(session: Session, limit: int | None, used: int) -> None:
    """What LINE said of the month."""
    account = _need(session)
    account.quota_limit, account.quota_used = limit, used
    account.quota_read_at = machine_now()


def set_limits(session: Session, limits: dict[str, Any]) -> None:
    """The merchant's own budget: `month`, and by journey."""
    _need(session).limits = limits


def keep_menu(session: Session, menu_id: str | None) -> None:
    """Which rich menu is ours."""
    _need(session).menu_id = menu_id


def set_notices(session: Session, style: Literal["", "template", "flexible"], who: str) -> None:
    """Switch notification messages on in the type that LINE approved, on the word of somebody of
    the shop (rules.md LN-5); or off."""
    account = _need(session)
    said = {"style": style, "by": who[:64], "at": now(session).isoformat()}
    account.notices = {**said, "policy": NOTICE_POLICY_VERSION} if style else None
    shops.set_line_notices(session, style)


def _prefer(session: Session, channel: str) -> None:
    """Which channel is tried first where a person is reached by several; the merchant may choose
    otherwise."""
    chosen = shops.settings_of(shops.shop(session)).frequency
    shops.keep_frequency(session, msgspec.structs.replace(chosen, prefer=channel))


def _need(session: Session) -> LineAccount:
    account = queries.account(session)
    if account is None:
        raise NotFound
    return account
