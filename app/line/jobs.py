"""The LINE room's bells."""

from __future__ import annotations

import structlog

from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.tenancy import every_shop
from app.line import errands, service
from app.messages import notice_receipts

log = structlog.get_logger(__name__)


def look_after() -> None:
    """Read every account's month anew, erase what is left of people who went away, and write a mail
    where a notification message reached nobody."""
    for shop_id in every_shop():
        with unit_of_work(shop_id) as session:
            service.forget_leavers(session)
            notice_receipts.follow_silent(session)
        try:
            errands.refresh(shop_id)
        except (TryLater, GiveUp) as error:
            # The figure of the last look stands; the page says how old it is.
            log.warning("line_quota_unread", shop_id=shop_id, reason=str(error))
