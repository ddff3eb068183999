"""The app proxy: pages of the app on the shop's own domain, in the shop's theme."""

from __future__ import annotations

from flask import Response, g, make_response, render_template, request
from liquid import Environment
from liquid.exceptions import LiquidError
from markupsafe import Markup

from app.core.errors import NotFound
from app.sandbox import verbs
from app.sandbox.running import here
from app.sandbox.web.shell import Answer
from app.sandbox.web.store import store_face

proxy = store_face("proxy")

#: The first part of a proxy's path is one of Shopify's four.
PREFIX = "/<any(apps, a, community, tools):prefix>"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@proxy.route(f"{PREFIX}/<subpath>", methods=METHODS, defaults={"path": ""})
@proxy.route(f"{PREFIX}/<subpath>/<path:path>", methods=METHODS)
def forward(prefix: str, subpath: str, path: str) -> Answer:
    """Sign and forward; no cookie goes through in either direction."""
    config = here().settings.app
    if (prefix, subpath) != (config.proxy_prefix, config.proxy_subpath):
        raise NotFound(request.path)
    answer = verbs.proxy_request(
        here(),
        g.domain,
        path,
        list(request.args.items(multi=True)),
        method=request.method,
        body=request.get_data(),
        content_type=request.content_type,
    )
    if answer.liquid:
        return _in_theme(answer)
    response = Response(answer.body, status=answer.status, content_type=answer.content_type)
    if answer.location:
        response.headers["Location"] = answer.location
    return response


def _in_theme(answer: verbs.ProxyAnswer) -> Answer:
    """Render the answer as a template of the theme, with what every theme page knows."""
    source = answer.body.decode("utf-8")
    shop = {"name": g.shop["name"], "url": g.shop["primary_url"], "domain": g.shop["domain"]}
    try:
        content = (
            Environment().from_string(source).render(shop=shop, request={"path": request.path})
        )
        status = answer.status
    except LiquidError as error:
        content, status = Markup("<p>Liquid error: {}</p>").format(str(error)), 200
    page = render_template("sandbox/store/theme_page.html", content=Markup(content))  # noqa: S704  # the theme shows what the app sends
    return make_response(page, status)
