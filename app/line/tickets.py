"""What the LINE channel asks before it pushes: may this go, and with which token?"""

from __future__ import annotations

from typing import Any

from app.core.db import unit_of_work
from app.core.errors import GiveUp
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.line import queries, service


def take(about: dict[str, Any]) -> str:
    """Take one message out of the month; the account's token. Raises `GiveUp` with the reason
    when the message had better go by mail (`quota`, `budget`, `disconnected`)."""
    with unit_of_work(about["shop_id"]) as session:
        refused = service.reserve(
            session,
            journey=about["journey"],
            marketing=about["marketing"],
            priority=about["priority"],
        )
        account = queries.account(session)
        token = unseal(account.channel_token) if account and not refused else ""
    if not token:
        raise GiveUp(f"LINE: {refused}")
    return token


def give_back(about: dict[str, Any]) -> None:
    """LINE did not take it: it costs nothing."""
    with unit_of_work(about["shop_id"]) as session:
        service.give_back(session, journey=about["journey"])


def for_notice(about: dict[str, Any]) -> str:
    """The account's token for a notification message, which costs by a contract of its own and no
    place in the month. Raises `GiveUp` when host or merchant have switched them off."""
    with unit_of_work(about["shop_id"]) as session:
        account = queries.account(session)
        wanted = account is not None and account.notices is not None
        if account is None or not wanted or not runtime().settings.line_notices:
            raise GiveUp("LINE: notification messages are switched off")
        return unseal(account.channel_token)
