"""A real call that shows whether an account's keys work, before any mail is trusted to them."""

from __future__ import annotations

from app.channels import postmark, resend
from app.channels.accounts import provider_of, read
from app.channels.email import local_name
from app.channels.ses import Ses
from app.channels.smtp import Endpoint, Line
from app.core.runtime import runtime


def prove(url: str, domain: str) -> list[dict[str, str]]:
    """Connect and log in, or ask the provider about itself; returns the DNS records it wants for
    the domain (`purpose`, `type`, `name`, `value`), where it says so. Raises `TryLater`, `GiveUp`
    or `InDoubt` with what the other side said."""
    provider = provider_of(url)
    if provider == "smtp":
        outside = not runtime().settings.inner_mail_servers
        Line(Endpoint.parse(url, outside=outside), local_name()).quit()
        return []
    settings, http = runtime().settings, runtime().http
    if provider == "resend":
        return resend.prove(http, settings.resend_api_url, read(url), domain)
    if provider == "ses":
        return Ses().prove(settings.ses_api_url, read(url), domain)
    postmark.prove(http, settings.postmark_api_url, read(url))
    return []
