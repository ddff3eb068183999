"""The stage: the product's processes, a browser, and the few things people do everywhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from tests.processes import ROOT, demo, wait

ARTIFACTS = ROOT / "artifacts" / "story"
CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    "chromium",
)
PATIENCE_MS = 20_000
#: Headless, without the browser's own calls home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Stage:
    """Everything the steps share: where the servers are, who sits at which browser, and what one
    step learnt for the next (`notes`)."""

    def __init__(self, browser: Browser, app: str, sandbox: str) -> None:
        self.browser, self.app, self.sandbox = browser, app, sandbox
        self.notes: dict[str, Any] = {}
        self._people: dict[str, BrowserContext] = {}
        self._pages: list[Page] = []

    @classmethod
    @contextmanager
    def set_up(cls) -> Iterator[Stage]:
        """Start the demo with fresh data, open a browser, take both down afterwards."""
        shutil.rmtree(ARTIFACTS, ignore_errors=True)
        ARTIFACTS.mkdir(parents=True)
        with demo(ARTIFACTS / "data") as (app, sandbox), sync_playwright() as playwright:
            # How long a page takes says more about the machine's other work than about ours.
            expect.set_options(timeout=PATIENCE_MS)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield cls(browser, app, sandbox)
            browser.close()

    # --- people -----------------------------------------------------------------------------

    def page(self, person: str, *, phone: bool = False, language: str = "ja-JP") -> Page:
        """A new page of this person's browser; merchants sit at a desk, shoppers hold a phone."""
        if person not in self._people:
            size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
            self._people[person] = self.browser.new_context(
                viewport=size,  # type: ignore[arg-type]
                locale=language,
                device_scale_factor=2 if phone else 1,
                is_mobile=phone,
                has_touch=phone,
            )
            self._people[person].set_default_timeout(PATIENCE_MS)
        page = self._people[person].new_page()
        self._pages.append(page)
        return page

    def done(self, page: Page, name: str | None = None) -> None:
        """Keep a picture of the whole page under this name, and close it."""
        if name:
            self.picture(page, name)
        self._pages.remove(page)
        page.close()

    def picture(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page."""
        # In a page's own pixels: a phone's finer ones take four times the work.
        page.screenshot(path=str(ARTIFACTS / f"{name}.png"), full_page=True, scale="css")

    def picture_of_trouble(self, name: str) -> None:
        """What every open page looked like when a step failed; then close them."""
        for number, page in enumerate(self._pages):
            page.screenshot(path=str(ARTIFACTS / f"failed-{name}-{number}.png"))
            page.close()
        self._pages.clear()

    # --- places -----------------------------------------------------------------------------

    def store(self, shop: str, path: str = "") -> str:
        """An address of a shop's online store."""
        return f"{self.sandbox}/{shop}.myshopify.com{path}"

    def admin(self, shop: str, path: str = "") -> str:
        """An address of a shop's Shopify admin."""
        return f"{self.sandbox}/admin/store/{shop}{path}"

    def okaeri(self, page: Page, shop: str, path: str = "") -> FrameLocator:
        """Open Okaeri inside the admin, at one of its pages, and answer its frame."""
        page.goto(self.admin(shop, f"/apps/okaeri{path}"))
        frame = page.frame_locator("[data-testid=app-frame]")
        frame.locator("main").wait_for()
        return frame

    # --- time and mail ----------------------------------------------------------------------

    def forward(self, span: str) -> list[dict[str, Any]]:
        """Let the time machine run; returns its steps, and fails when something got stuck."""
        state = self.ask("/time.json", {"forward": span}, patience=600)
        assert state["state"] == "done", state
        steps: list[dict[str, Any]] = state["steps"]
        return steps

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails somebody got, oldest first."""
        found: list[dict[str, Any]] = self.ask(f"/inbox.json?to={quote(to)}")["mails"]
        return sorted(found, key=lambda mail: int(mail["id"]))

    def mail(self, to: str, *words: str) -> dict[str, Any]:
        """Wait for a mail to somebody whose subject has all these words; the newest of them."""

        def look() -> dict[str, Any] | None:
            fitting = [
                mail for mail in self.mails(to) if all(word in mail["subject"] for word in words)
            ]
            return fitting[-1] if fitting else None

        return wait(look, f"a mail to {to} about {words}")

    def subjects(self, to: str) -> list[str]:
        """What somebody's mails are about, oldest first."""
        return [mail["subject"] for mail in self.mails(to)]

    def ask(self, path: str, body: dict[str, Any] | None = None, patience: float = 30) -> Any:
        """Ask the sandbox for JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.sandbox + path, data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=patience) as answer:
            return json.load(answer)
