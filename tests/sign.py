"""Signs as Shopify does, so that tests can come in through the doors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import jwt

from app.core.runtime import runtime

STAFF = "42"


def id_token(domain: str, **claims: Any) -> str:
    """An App Home ID token of a member of staff."""
    return _jwt({"iss": f"https://{domain}/admin", "dest": f"https://{domain}", **claims})


def admin(domain: str, **headers: str) -> dict[str, str]:
    """Headers of a request from the admin."""
    return {"Authorization": f"Bearer {id_token(domain)}", **headers}


def widget(domain: str, **claims: Any) -> dict[str, str]:
    """Headers of a request from the thank-you widget."""
    token = _jwt({"dest": domain, "sub": None, **claims})
    return {"Authorization": f"Bearer {token}"}


def proxy(domain: str, path: str, prefix: str = "/apps/okaeri", **query: str) -> str:
    """The URL by which Shopify forwards a storefront request to `/proxy{path}`."""
    values = {
        **query,
        "shop": domain,
        "logged_in_customer_id": query.get("logged_in_customer_id", ""),
        "path_prefix": prefix,
        "timestamp": str(int(time.time())),
    }
    text = "".join(f"{key}={values[key]}" for key in sorted(values))
    values["signature"] = hmac.new(_secret(), text.encode(), hashlib.sha256).hexdigest()
    return f"/proxy{path}?{urlencode(values)}"


def webhook(
    domain: str, topic: str, body: dict[str, Any] | bytes, webhook_id: str = "w-1", **headers: str
) -> dict[str, Any]:
    """Keyword arguments for `client.post("/hooks/shopify", …)`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    digest = hmac.new(_secret(), raw, hashlib.sha256).digest()
    return {
        "data": raw,
        "content_type": "application/json",
        "headers": {
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": domain,
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
            "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-API-Version": "2026-07",
            **headers,
        },
    }


def _jwt(claims: dict[str, Any], secret: bytes | None = None) -> str:
    moment = int(time.time())
    settings = runtime().settings
    given = {
        "aud": settings.shopify_client_id,
        "sub": STAFF,
        "exp": moment + 60,
        "nbf": moment - 5,
        "iat": moment,
        "jti": "one",
        "sid": "one",
        **claims,
    }
    kept = {key: value for key, value in given.items() if value is not None}
    return jwt.encode(kept, secret or _secret(), algorithm="HS256")


def _secret() -> bytes:
    return runtime().settings.shopify_client_secret.encode()
