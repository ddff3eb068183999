"""Pure decisions about pools of codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Fewer free codes than this, and more are made.
LOW = 20
#: So many codes are ready after a pool was tended; more where many are handed out.
READY = 40
MOST = 2000
#: Shopify takes so many codes a call.
PER_CALL = 250
#: A checkout that was opened before the deadline may still be finished so much later.
GRACE = timedelta(minutes=3)


#: A pool of codes that are good for days is followed by another after so long.
RENEWED_AFTER = timedelta(days=30)
#: After a price was said to end, the same customer is not given it again for so long (TM-2).
COOL_OFF = timedelta(days=30)


def campaign_name(variants: Iterable[int], percent: int) -> str:
    """The campaign that an offer belongs to: the same terms are the same campaign."""
    return f"offer:{'+'.join(str(one) for one in sorted(variants))}:{percent}"


def local_day(moment: datetime, zone: str) -> date:
    """The day it is in the shop."""
    return moment.astimezone(ZoneInfo(zone)).date()


def letter_name(product: int | None, percent: int, days: int) -> str:
    """The campaign that a message's codes belong to."""
    return f"mail:{product or 'all'}:{percent}:{days}d"


def pool_ends(day: date, zone: str, days: int = 0) -> datetime:
    """When a day's discount ends at Shopify by itself, whatever happens to us: at the end of the
    following day, so that a code handed out before midnight outlives its offer's deadline. One
    whose codes are good for `days` outlives the last that is handed out before the next is made."""
    lasts = RENEWED_AFTER.days + days + 1 if days else 2
    return datetime.combine(day + timedelta(days=lasts), time(), ZoneInfo(zone))


def codes_to_make(free: int, making: int, issued_last_hour: int) -> int:
    """How many codes a pool should get now."""
    wanted = min(MOST, max(READY, 2 * issued_last_hour))
    have = free + making
    return wanted - have if have < max(LOW, wanted // 2) else 0
