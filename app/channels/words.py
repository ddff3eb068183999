"""What went wrong on the way out, for people: our own sentences in their language, with what the
other side said beside them as it said it."""

from __future__ import annotations

from typing import NamedTuple

from app.core.locale import gettext as _


class Told(NamedTuple):
    """`sentence` is ours, empty where only the other side spoke; `quote` is theirs."""

    sentence: str
    quote: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.quote}".strip()


def told(detail: str) -> Told:
    """What a failure's detail, as the channels write it, says to the person who reads it."""
    for beginning, sentence in _sentences().items():
        if detail.startswith(beginning):
            return Told(sentence, detail.partition(": ")[2])
    return Told("", detail)


def _sentences() -> dict[str, str]:
    return {
        "The mail server cannot be reached": _("The mail server could not be reached."),
        "The mail server refused the login": _("The mail server did not accept the password."),
        "The mail server hung up early": _("The mail server ended the connection early."),
        "The mail server is inside": _("The mail server is not on the internet."),
        "The mail server does not answer": _("The mail server does not answer."),
        "No answer after the final dot": _("The mail server did not confirm that it took it."),
        "The mail server's address is not": _("The mail server’s address is not a valid one."),
        "The mail server's address is of": _("The mail server’s address is not a valid one."),
        "The provider cannot be reached": _("The provider could not be reached."),
        "The provider did not answer": _("The provider did not answer."),
        "Amazon SES cannot be reached": _("The provider could not be reached."),
        "Amazon SES did not answer": _("The provider did not answer."),
        "Amazon has paused sending": _("Amazon has paused sending for this account."),
        "LINE did not answer": _("LINE did not answer."),
        "The header ": _("A header of the message has letters that mail does not allow."),
        "The address cannot be written": _("No mail can be sent to an address written like this."),
        "The address has letters before": _("No mail can be sent to an address written like this."),
        "The address's domain is not": _("The domain of the address is not a valid one."),
        "The worker went away": _("Sending was interrupted on our side."),
    }
