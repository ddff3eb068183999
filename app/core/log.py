"""Logs: one line of JSON an event, never a person's data."""

from __future__ import annotations

import logging

import structlog

#: Keys that would carry a person's data; a line that has one is cut there rather than written.
PERSONAL = frozenset({"email", "phone", "name", "address", "token", "body", "payload"})


def configure(level: str) -> None:
    """Set up structlog once per process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Frames without their local variables: those hold orders, names and addresses.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _without_personal_data,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )


def _without_personal_data(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: "…" if key in PERSONAL else value for key, value in event.items()}
