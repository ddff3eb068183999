"""One order's timeline: everything that happened and everything that will, in plain sentences."""

from app.admin.timeline.build import timeline
from app.admin.timeline.items import Day, Item, Timeline

__all__ = ["Day", "Item", "Timeline", "timeline"]
