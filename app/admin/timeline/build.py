"""Put an order's timeline together."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.admin.timeline.future import to_come
from app.admin.timeline.items import Timeline, by_day, moment_text, without_a_day
from app.admin.timeline.past import happened
from app.admin.timeline.story import Story
from app.core.locale import gettext as _
from app.journeys import queries as journeys


def timeline(story: Story) -> Timeline:
    """The whole timeline of an order."""
    zone, language = story.shop.timezone, story.language
    today = story.now.astimezone(ZoneInfo(zone)).date()
    coming = list(to_come(story))
    return Timeline(
        now=moment_text(story.now, zone, language, today),
        future=by_day(coming, zone, language, today),
        waiting=without_a_day(coming),
        past=by_day(happened(story), zone, language, today, newest_first=True),
        absent=_absent(story),
    )


def _absent(story: Story) -> list[str]:
    """Which journeys send nothing for this order because they are off, or were then."""
    entered = {run.journey for run in story.runs}
    said, off = [], []
    for key, since in journeys.switches(story.session).items():
        if key in entered:
            continue
        name = journeys.name_of(story.session, key)
        if since is None:
            off.append(name)
        elif story.order.placed_at < since:
            reason = journeys.reason_text("before_switch_on")
            said.append(_("“%(journey)s” sends nothing: %(reason)s.", journey=name, reason=reason))
    return [*said, _("Switched off: %(journeys)s.", journeys=_(", ").join(off))] if off else said
