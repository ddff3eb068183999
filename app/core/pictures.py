"""Pictures on a shop's pages: asked for no larger than they are shown."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.core.runtime import runtime

#: A store's own domain serves Shopify's CDN below this path.
ON_STORE = "/cdn/shop/"
#: Telephones draw a CSS pixel with two or three of their own; two are enough for a photograph.
DENSITY = 2


def sized(url: str | None, width: int) -> str:
    """The address of a picture that is shown `width` CSS pixels wide. Shopify's CDN scales what is
    asked of it; pictures from elsewhere come as they are."""
    if not url:
        return ""
    parts = urlsplit(url)
    cdn = runtime().settings.shopify_cdn_url.rstrip("/") + "/"
    if not url.startswith(cdn) and not parts.path.startswith(ON_STORE):
        return url
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "width"]
    asked = urlencode([*query, ("width", str(width * DENSITY))])
    return urlunsplit(parts._replace(query=asked))
