"""What the host decides, read once at boot; the only reader of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class MissingSettings(Exception):
    """Raised at boot with the names of everything that must be set and is not."""


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@dataclass(frozen=True)
class Settings:
    """One frozen object. URLs of Shopify are settings so that the code has no branch for the
    sandbox; their defaults are Shopify's own. `{shop}` is the full myshopify domain, `{handle}`
    the part before the first dot."""

    database_url: str
    redis_url: str
    app_url: str
    secret_keys: tuple[str, ...] = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    shopify_client_id: str
    shopify_client_secret: str = field(repr=False)
    database_owner_url: str | None = field(default=None, repr=False)
    shopify_old_client_secret: str | None = field(default=None, repr=False)
    shopify_api_url: str = "https://{shop}"
    shopify_admin_url: str = "https://admin.shopify.com/store/{handle}"
    shopify_frame_ancestors: str = "https://{shop} https://admin.shopify.com"
    shopify_cdn_url: str = "https://cdn.shopify.com"
    shopify_api_version: str = "2026-07"
    aftership_api_url: str = "https://api.aftership.com"
    line_api_url: str = "https://api.line.me"
    line_data_url: str = "https://api-data.line.me"
    line_access_url: str = "https://access.line.me"
    line_friend_url: str = "https://line.me"
    #: LINE notification messages (by telephone number) need an agreement with LINE or a certified
    #: partner of theirs: only the host can say that there is one (rules.md LN-5).
    line_notices: bool = False
    smtp_url: str = "smtp://127.0.0.1:25"
    #: Whether shops may name mail servers of their own that lie inside the host's network: all else
    #: there would be open to them as well.
    inner_mail_servers: bool = False
    mail_from: str = "Okaeri <no-reply@localhost>"
    #: Where mail providers are asked; `{region}` is Amazon's.
    ses_api_url: str = "https://email.{region}.amazonaws.com"
    sns_url: str = "https://sns.{region}.amazonaws.com"
    resend_api_url: str = "https://api.resend.com"
    postmark_api_url: str = "https://api.postmarkapp.com"
    #: `host` or `host:port` of the resolver for checks of senders' domains; empty is the machine's.
    dns_server: str = ""
    trusted_proxies: int = 0
    log_level: str = "INFO"
    data_dir: Path = Path(".okaeri")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Build from environment variables; raises `MissingSettings` naming all that are absent."""
        required = {
            "DATABASE_URL": "database_url",
            "REDIS_URL": "redis_url",
            "APP_URL": "app_url",
            "SECRET_KEYS": "secret_keys",
            "ENCRYPTION_KEYS": "encryption_keys",
            "SHOPIFY_CLIENT_ID": "shopify_client_id",
            "SHOPIFY_CLIENT_SECRET": "shopify_client_secret",
        }
        missing = [name for name in required if not env.get(name)]
        if missing:
            raise MissingSettings("Set these environment variables: " + ", ".join(missing))
        optional = {
            "DATABASE_OWNER_URL": "database_owner_url",
            "SHOPIFY_OLD_CLIENT_SECRET": "shopify_old_client_secret",
            "SHOPIFY_API_URL": "shopify_api_url",
            "SHOPIFY_ADMIN_URL": "shopify_admin_url",
            "SHOPIFY_FRAME_ANCESTORS": "shopify_frame_ancestors",
            "SHOPIFY_CDN_URL": "shopify_cdn_url",
            "SHOPIFY_API_VERSION": "shopify_api_version",
            "AFTERSHIP_API_URL": "aftership_api_url",
            "LINE_API_URL": "line_api_url",
            "LINE_DATA_URL": "line_data_url",
            "LINE_ACCESS_URL": "line_access_url",
            "LINE_FRIEND_URL": "line_friend_url",
            "SMTP_URL": "smtp_url",
            "MAIL_FROM": "mail_from",
            "SES_API_URL": "ses_api_url",
            "SNS_URL": "sns_url",
            "RESEND_API_URL": "resend_api_url",
            "POSTMARK_API_URL": "postmark_api_url",
            "DNS_SERVER": "dns_server",
            "LOG_LEVEL": "log_level",
        }
        values: dict[str, str] = {
            name: env[key] for key, name in {**required, **optional}.items() if env.get(key)
        }
        lists = {name: _list(values.pop(name)) for name in ("secret_keys", "encryption_keys")}
        return cls(
            **values,  # type: ignore[arg-type]  # every remaining field is a string
            **lists,  # type: ignore[arg-type]
            line_notices=env.get("LINE_NOTIFICATION_MESSAGES", "") == "agreed",
            inner_mail_servers=env.get("INNER_MAIL_SERVERS", "") == "allowed",
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
            data_dir=Path(env.get("OKAERI_DATA", ".okaeri")),
        )

    def shop_url(self, template: str, domain: str) -> str:
        """Fill a Shopify URL template for one shop; `domain` is `name.myshopify.com`."""
        return template.format(shop=domain, handle=domain.split(".", 1)[0])
