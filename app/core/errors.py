"""What can go wrong, in the words the doors and the workers understand."""

from __future__ import annotations


class OkaeriError(Exception):
    """Base of what the doors render once, as page, fragment or JSON."""

    status = 500


class NotFound(OkaeriError):
    """It does not exist, or it is another shop's: the answer is the same."""

    status = 404


class Forbidden(OkaeriError):
    """The caller may not; a forged or foreign link is this."""

    status = 403


class Gone(OkaeriError):
    """It was true once and is over: an expired link, a finished offer."""

    status = 410


class Conflict(OkaeriError):
    """Someone else was first."""

    status = 409


class Invalid(OkaeriError):
    """Input with mistakes. `errors` maps a field's name to a sentence for the person."""

    status = 422

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))
        self.errors = errors


class TryLater(Exception):
    """A wire says: not now. `seconds` is the other side's wish, if it named one."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class GiveUp(Exception):
    """A wire says: never. The row is marked with the reason and stays visible."""
