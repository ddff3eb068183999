/* What the admin's pages do beside htmx: speak the page's language on every request, say what
   worked, and tell whether the thank-you block is placed. */
(() => {
  "use strict";

  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["Okaeri-Locale"] = document.documentElement.lang;
  });

  /** While a part of the page is asked for anew, it says so. The page as a whole is left alone:
      whoever follows a link sees the browser's own sign. */
  function busy(event) {
    const part = event.detail.ctx && event.detail.ctx.target;
    if (!part || !part.setAttribute || part === document.body) return;
    if (event.type === "htmx:before:request") part.setAttribute("aria-busy", "true");
    else part.removeAttribute("aria-busy");
  }
  document.addEventListener("htmx:before:request", busy);
  document.addEventListener("htmx:finally:request", busy);

  /** A form is sent once: until its answer has come, and for the second half of a double click,
      its buttons do nothing more. They keep the focus, which a disabled button would lose. */
  const underway = new WeakSet();
  let sent = false;
  function once(event) {
    const button = event.type === "click" && event.target.closest && event.target.closest("button, input[type=submit]");
    const form = button ? button.type === "submit" && button.form : event.type === "submit" && event.target;
    if (!form || form.method !== "post") return;
    if (!underway.has(form) && !(event.type === "click" && event.detail > 1)) {
      sent ||= event.type === "submit";
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  document.addEventListener("click", once, true);
  document.addEventListener("submit", once, true);
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.matches("form")) return;
    underway.add(ctx.sourceElement);
    ctx.sourceElement.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    underway.delete(ctx.sourceElement);
    if (ctx.sourceElement.matches("form")) ctx.sourceElement.removeAttribute("aria-busy");
  });

  /** Say once what a page wants said; App Bridge's toast where there is one. */
  function speak() {
    for (const note of document.querySelectorAll("[data-toast]")) {
      const text = note.textContent.trim();
      note.remove();
      if (!text) continue;
      const place = document.getElementById("said");
      if (place) place.textContent = text;
      if (window.shopify && window.shopify.toast) window.shopify.toast.show(text);
    }
  }

  /** Which of our extensions the merchant has placed; null when nobody can say. */
  async function placed(handle) {
    if (!window.shopify || !window.shopify.app || !window.shopify.app.extensions) return null;
    try {
      const found = (await window.shopify.app.extensions()).find((one) => one.handle === handle);
      return Boolean(found && (found.activations || []).length);
    } catch {
      return null;
    }
  }

  async function tellPlaced() {
    for (const step of document.querySelectorAll("[data-extension]:not([data-asked])")) {
      step.dataset.asked = "";
      const is = await placed(step.dataset.extension);
      const badge = step.querySelector("[data-badge]");
      if (is === null || !badge) continue;
      badge.textContent = is ? badge.dataset.yes : badge.dataset.no;
      badge.classList.toggle("badge--success", is);
      step.toggleAttribute("data-done", is);
    }
    count();
  }

  /** How far the setup is, the steps that only the browser knows included. */
  function count() {
    for (const guide of document.querySelectorAll("[data-guide]")) {
      const steps = guide.querySelectorAll("[data-step]");
      const done = guide.querySelectorAll("[data-step][data-done]").length;
      const text = guide.querySelector("[data-progress]");
      const bar = guide.querySelector("progress");
      if (text) text.textContent = text.dataset.progress.replace("{done}", done).replace("{all}", steps.length);
      if (bar) bar.value = done;
    }
  }

  /** What the server marked gets the focus (a block that was moved), else the first field with a
      mistake once it was sent: that is where the person goes on. A page that is only opened begins
      at its top, and a preview that came anew takes the focus from nobody. */
  function toMistake(event) {
    const marked = document.querySelector("[data-focus]");
    if (marked) {
      marked.removeAttribute("data-focus");
      marked.focus();
      return;
    }
    if (event && document.activeElement && document.activeElement.closest("#editor")) return;
    const wrong = document.querySelector('[aria-invalid="true"]');
    if (wrong && sent) wrong.focus();
    sent = false;
  }

  /** A colour is picked or written; both fields show it. */
  document.addEventListener("input", (event) => {
    const partner = event.target.dataset && event.target.dataset.twin;
    const twin = partner && document.getElementById(partner);
    if (twin && /^#[0-9a-f]{6}$/i.test(event.target.value)) twin.value = event.target.value;
  });

  /** What needs one more right of the shop asks for it first, and goes on with the answer: the
      server sees for itself what was granted. */
  async function askRight(event) {
    const form = event.target.closest && event.target.closest("form[data-asks]");
    const scopes = window.shopify && window.shopify.scopes;
    if (!form || "answered" in form.dataset || !form.elements.on.value || !scopes) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const answer = await scopes.request([form.dataset.asks]);
    form.elements.declined.value = answer.result === "granted-all" ? "" : "1";
    form.dataset.answered = "";
    form.requestSubmit();
  }
  document.addEventListener("submit", askRight, true);

  /** A file is asked for as everything else here, with the person's token, which a plain link within
      Shopify's frame cannot carry; then the browser saves it. What goes wrong is a page to read. */
  async function save(link) {
    const answer = await fetch(link.href);
    if (!answer.ok) return location.assign(link.href);
    const named = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") || "");
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await answer.blob());
    file.download = link.download || (named ? named[1] : "");
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[download][href^="/"]');
    if (!link) return;
    event.preventDefault();
    save(link);
  });

  /** A value is copied; where the browser forbids it, it is marked for the person to copy. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    const place = button && document.getElementById(button.dataset.copy);
    if (!place) return;
    try {
      await navigator.clipboard.writeText(place.textContent);
      button.textContent = button.dataset.done;
    } catch {
      window.getSelection().selectAllChildren(place);
    }
  });

  /** The editor of messages: names and marks go where the person was writing, and whatever is
      typed is looked at anew once the hand rests. */
  let place = null;
  let rest = 0;

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-liquid]")) place = event.target;
  });

  function put(field, before, after) {
    const start = field.selectionStart ?? field.value.length;
    const end = field.selectionEnd ?? start;
    const inner = field.value.slice(start, end);
    field.focus();
    field.setRangeText(before + inner + after, start, end, "end");
    if (!inner) field.setSelectionRange(start + before.length, start + before.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert], [data-wrap]");
    if (!button) return;
    const own = button.dataset.for && document.getElementById(button.dataset.for);
    const field = own || (place && place.isConnected ? place : document.querySelector("#editor [data-liquid]"));
    if (!field) return;
    const [before, after] = (button.dataset.wrap || button.dataset.insert).split("|");
    put(field, before, after || "");
  });

  /** A button that fills a field, and another one beside it where that is still empty. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const beside = document.getElementById(button.dataset.fillAlt);
    document.getElementById(button.dataset.fill).value = button.dataset.value;
    if (beside && !beside.value) beside.value = button.dataset.alt;
  });

  function typed(event) {
    const look = document.getElementById("look");
    const ours = event.target.closest("#editor");
    if (!look || !ours || event.target.name === "address" || event.target.name === "override") return;
    clearTimeout(rest);
    rest = setTimeout(() => document.getElementById("look")?.dispatchEvent(new Event("okaeri:typed")), 600);
  }
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  // A button sends the form itself; a look that still waits would only write it again.
  document.addEventListener("submit", () => clearTimeout(rest));

  /** On a narrow screen the pages of a family scroll sideways: the open one is in sight. */
  function showOpen() {
    const open = document.querySelector(".family [aria-current]");
    const row = open && open.parentElement;
    if (row) row.scrollLeft = open.offsetLeft - row.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
  }

  function look(event) {
    speak();
    showOpen();
    tellPlaced();
    toMistake(event);
  }

  document.addEventListener("htmx:after:swap", look);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => look());
  else look();
})();
