"""The expected day as an entry for calendars (RFC 5545). Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


def entry(
    *, uid: str, title: str, text: str, url: str, first: date, last: date, at: datetime
) -> bytes:
    """An all-day entry from `first` to `last`, both included. `uid` stays the same when the days
    change, so that the calendar moves the entry; `at` says when it was made."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", at)
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("summary", title)
    event.add("description", f"{text}\n{url}")
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//Okaeri//Tracking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
