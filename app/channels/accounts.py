"""An endpoint is one URL that names a server or provider and holds its keys:

`smtp://user:password@host:587` (and `smtp+starttls://`, `smtps://`) · `ses://key:secret@eu-west-1`
· `resend://key@resend` · `postmark://token@postmark?stream=outbound`.

One string is what is sealed, carried and compared, whatever the provider asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from app.core.errors import GiveUp

SMTP_SCHEMES = frozenset({"smtp", "smtp+starttls", "smtps"})
PROVIDERS = ("smtp", "ses", "resend", "postmark")


@dataclass(frozen=True)
class Account:
    """The keys of one provider's account. `place` is Amazon's region; `options` what the provider
    wants besides (`stream`, `configuration_set`)."""

    provider: str
    place: str
    key: str = field(repr=False)
    secret: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The endpoint that `read` understands."""
        secret = f":{quote(self.secret, safe='')}" if self.secret else ""
        chosen = {name: value for name, value in self.options.items() if value}
        query = f"?{urlencode(chosen)}" if chosen else ""
        return f"{self.provider}://{quote(self.key, safe='')}{secret}@{self.place}{query}"


def provider_of(url: str) -> str:
    """Which provider an endpoint belongs to; raises `GiveUp` when there is none of that name."""
    scheme = url.partition("://")[0].lower()
    if scheme in SMTP_SCHEMES:
        return "smtp"
    if scheme not in PROVIDERS:
        raise GiveUp("The mail server's address is of no kind that Okaeri knows.")
    return scheme


def read(url: str) -> Account:
    """The account behind a provider's endpoint."""
    parts = urlsplit(url)
    return Account(
        provider=provider_of(url),
        place=parts.hostname or "",
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        options=dict(parse_qsl(parts.query)),
    )
