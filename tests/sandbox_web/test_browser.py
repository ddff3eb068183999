"""What the stand-ins do in a real browser: App Bridge in the admin's frame, the checkout's runtime
around an extension."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.sandbox import blocks, verbs
from app.sandbox.running import Sandbox
from app.sandbox.seed import seed
from app.sandbox.settings import ROOT
from tests.sandbox.conftest import HINATA, Call, Listener, free_port
from tests.sandbox_web.shopper import ADMIN, FORM

pytestmark = pytest.mark.browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

APP_PAGE = """<!doctype html><html><head><title>{title}</title>
<meta name="shopify-api-key" content="{key}">
<script src="{cdn}/cdn/shopifycloud/app-bridge.js"></script>
</head><body><s-app-nav><s-link href="/app" rel="home">Home</s-link>
<s-link href="/app/orders">Orders</s-link></s-app-nav><h1>{title}</h1>
<form data-save-bar action="/app/save"><label>Name <input name="name" value="before"></label></form>
</body></html>"""

EXTENSION = """(() => {
  class Signal { constructor(value) { this.value = value } }
  shopify.setSignals(Signal);
  shopify.extend("purchase.thank-you.block.render", async () => {
    const {i18n, orderConfirmation, checkoutToken, lines, sessionToken, storage} = shopify;
    await storage.write("seen", [1]);
    const facts = {
      signal: checkoutToken instanceof Signal, order: orderConfirmation.value.order.id,
      ships: lines.value[0].merchandise.requiresShipping, seen: await storage.read("seen"),
      token: (await sessionToken.get()).split(".").length,
      refused: await shopify.query("{shop{name}}").then(() => false, () => true),
      cookies: (() => { try { return document.cookie } catch { return "none" } })(),
    };
    const heading = i18n.translate("hello", {name: "Taro"});
    document.body.innerHTML = `<s-section><s-heading>${heading}</s-heading>
      <s-text id="facts">${JSON.stringify(facts)}</s-text>
      <s-button href="/inbox">Go on</s-button><s-qr-code content="x"></s-qr-code></s-section>`;
  });
})();"""


STATUS_EXTENSION = """shopify.extend("customer-account.order-status.block.render", async () => {
  const {order, authenticationState, sessionToken} = shopify;
  const token = (await sessionToken.get()).split(".").length;
  const said = `${order.value.name} ${authenticationState.value} ${token}`;
  document.body.innerHTML = `<s-text>${said}</s-text>`;
});"""


@pytest.fixture
def online(world: Flask, sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox at a real address, with the app installed in the Japanese shop."""
    port, before = free_port(), sandbox.settings
    sandbox.settings = replace(before, url=f"http://localhost:{port}")
    seed(sandbox)
    server = make_server("127.0.0.1", port, world, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    verbs.install(sandbox, HINATA)
    yield sandbox
    server.shutdown()
    thread.join()
    server.server_close()
    sandbox.settings = before


@pytest.fixture
def page() -> Iterator[Page]:
    """A page that fails the test when a script on it does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page()
        opened.set_default_timeout(15_000)
        mistakes: list[str] = []
        opened.on("pageerror", lambda error: mistakes.append(str(error)))
        yield opened
        browser.close()
    assert mistakes == []


def embedded(online: Sandbox, listener: Listener) -> dict[str, list[Call]]:
    """Let the listener answer as an embedded app would; returns what its `fetch`es brought."""
    fetched: dict[str, list[Call]] = {}

    def reply(call: Call) -> tuple[int, dict[str, str], bytes]:
        path = call.path.split("?")[0]
        if path == "/app/echo":
            fetched.setdefault(path, []).append(call)
            stale = len(fetched[path]) == 1
            header = {"X-Shopify-Retry-Invalid-Session-Request": "1"} if stale else {}
            return (401 if stale else 200), header, b"{}"
        if path.startswith("/app"):
            html = APP_PAGE.format(
                title=f"Page {path}", cdn=online.settings.url, key=online.settings.client_id
            )
            return 200, {"Content-Type": "text/html"}, html.encode()
        return 200, {}, b""

    listener.reply = reply
    return fetched


def test_app_bridge(online: Sandbox, listener: Listener, page: Page) -> None:
    fetched = embedded(online, listener)
    page.goto(f"{online.settings.url}{ADMIN}/apps/okaeri")
    app = page.frame_locator("[data-testid=app-frame]")
    expect(app.get_by_role("heading")).to_have_text("Page /app")

    # A fetch carries a token; a stale one is asked for again, once.
    frame = page.frame(name="app-iframe")
    assert frame
    assert frame.evaluate("fetch('/app/echo').then((answer) => answer.status)") == 200
    first, second = fetched["/app/echo"]
    assert first.headers["Authorization"].startswith("Bearer ey")
    assert second.headers["Authorization"].startswith("Bearer ey")

    # The app's navigation stands in the admin's, and its path in the admin's address.
    page.get_by_test_id("app-nav-link").get_by_text("Orders").click()
    expect(app.get_by_role("heading")).to_have_text("Page /app/orders")
    page.wait_for_url(f"**{ADMIN}/apps/okaeri/orders")

    # A changed form brings the save bar; discarding brings the old value back.
    app.get_by_label("Name").fill("after")
    page.get_by_test_id("save-bar-discard").click()
    expect(app.get_by_label("Name")).to_have_value("before")
    expect(page.get_by_test_id("save-bar")).to_be_hidden()
    app.get_by_label("Name").fill("after")
    page.get_by_test_id("save-bar-save").click()
    expect(app.get_by_role("heading")).to_have_text("Page /app/save")

    frame = page.frame(name="app-iframe")
    assert frame
    frame.evaluate("shopify.toast.show('Saved')")
    expect(page.get_by_test_id("toast")).to_have_text("Saved")
    assert {"handle": "thank-you"}.items() <= frame.evaluate("shopify.app.extensions()")[0].items()


ASKING = """<!doctype html><html><head><title>{title}</title>
<meta name="shopify-api-key" content="{key}">
<script src="{cdn}/cdn/shopifycloud/app-bridge.js"></script>
<script src="/static/app.js" defer></script></head><body><h1>{title}</h1>
<form method="post" action="/app/inserts/tagging" data-asks="write_orders">
<input type="hidden" name="on" value="1"><input type="hidden" name="declined" value="">
<button>Tag orders</button></form></body></html>"""


def test_a_right_is_asked_for_in_shopifys_dialog(
    online: Sandbox, listener: Listener, page: Page
) -> None:
    posted: list[str] = []

    def reply(call: Call) -> tuple[int, dict[str, str], bytes]:
        if call.path.startswith("/static/app.js"):
            return 200, {"Content-Type": "text/javascript"}, (ROOT / "static/app.js").read_bytes()
        if call.method == "POST" and call.path.startswith("/app/inserts"):
            posted.append(call.body.decode())
        html = ASKING.format(
            title=f"Answers: {len(posted)}",
            cdn=online.settings.url,
            key=online.settings.client_id,
        )
        return 200, {"Content-Type": "text/html"}, html.encode()

    listener.reply = reply
    page.goto(f"{online.settings.url}{ADMIN}/apps/okaeri/inserts")
    app = page.frame_locator("[data-testid=app-frame]")
    for number, (button, granted) in enumerate((("refuse", False), ("allow", True)), start=1):
        app.get_by_role("button", name="Tag orders").click()
        expect(page.get_by_test_id("scopes-dialog")).to_contain_text("write_orders")
        page.get_by_test_id(f"scopes-{button}").click()
        expect(app.get_by_role("heading")).to_have_text(f"Answers: {number}")
        assert posted[-1] == f"on=1&declined={'' if granted else '1'}"
        assert ("write_orders" in verbs.optional_grants(online, HINATA)["granted"]) == granted


def test_the_patch_page_reloads_with_a_token(
    online: Sandbox, listener: Listener, page: Page
) -> None:
    embedded(online, listener)
    page.goto(f"{online.settings.url}{ADMIN}/apps/okaeri/patch?shopify-reload=/app/orders%3Ftab=1")
    app = page.frame_locator("[data-testid=app-frame]")
    expect(app.get_by_role("heading")).to_have_text("Page /app/orders")
    asked = [call.path for call in listener.calls if call.path.startswith("/app/orders?tab=1")]
    assert "id_token=ey" in asked[0]
    assert "id_token" not in page.url


def test_an_embedded_app_opened_by_itself_goes_to_the_admin(
    online: Sandbox, listener: Listener, page: Page
) -> None:
    embedded(online, listener)
    page.goto(verbs.app_home_url(online, HINATA))
    page.wait_for_url(f"**{ADMIN}/apps/okaeri")
    app = page.frame_locator("[data-testid=app-frame]")
    expect(app.get_by_role("heading")).to_have_text("Page /app")


def test_a_built_extension_on_the_thank_you_page(
    online: Sandbox, page: Page, tmp_path: Path
) -> None:
    toml = shutil.copy(online.settings.app_toml, tmp_path)
    online.settings = replace(online.settings, app_toml=Path(toml))
    folder = tmp_path / "widgets" / "thank-you"
    (folder / "dist").mkdir(parents=True)
    (folder / "locales").mkdir()
    (folder / "dist" / "thank-you.js").write_text(EXTENSION)
    (folder / "locales" / "ja.json").write_text('{"hello": "{{name}}様、こんにちは"}')
    (folder / "shopify.extension.toml").write_text(
        'api_version = "2026-07"\n[[extensions]]\nname = "Thanks"\nhandle = "thank-you"\n'
        'type = "ui_extension"\n'
        '[[extensions.targeting]]\ntarget = "purchase.thank-you.block.render"\n'
    )
    blocks.place(online, HINATA, "purchase.thank-you.block.render", on=True)
    store = f"{online.settings.url}/{HINATA}"
    page.goto(f"{store}/products/hinata-blend")
    page.get_by_test_id("add-to-cart").click()
    page.get_by_test_id("checkout").click()
    for name in ("email", "last_name", "zip", "city", "address1"):
        page.get_by_test_id(name).fill(FORM[name])
    page.get_by_test_id("province").select_option(FORM["province"])
    page.get_by_test_id("pay").click()

    block = page.frame_locator("[data-testid=extension-frame]")
    expect(block.get_by_role("heading", name="Taro様、こんにちは")).to_be_visible()
    facts = json.loads(block.locator("#facts").inner_text())
    (placed,) = verbs.orders(online, HINATA)
    assert facts == {
        "signal": True,
        "order": f"gid://shopify/Order/{placed['id']}",
        "ships": True,
        "seen": [1],
        "token": 3,
        "refused": True,
        "cookies": "none",  # the frame shares nothing with the shop's pages
    }
    block.get_by_role("link", name="Go on").click()
    page.wait_for_url("**/inbox")

    status = '[[extensions.targeting]]\ntarget = "customer-account.order-status.block.render"\n'
    with (folder / "shopify.extension.toml").open("a") as deployed:
        deployed.write(status)
    (folder / "dist" / "thank-you.js").write_text(STATUS_EXTENSION)
    blocks.place(online, HINATA, "customer-account.order-status.block.render", on=True)
    page.goto(placed["status_url"])
    block = page.frame_locator("[data-testid=extension-frame]")
    expect(block.get_by_text("#1001 pre_authenticated 3")).to_be_visible()
