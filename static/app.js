/* What the admin's pages do beside htmx: speak the page's language on every request, say what
   worked, and tell whether the thank-you block is placed. */
(() => {
  "use strict";

  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["Okaeri-Locale"] = document.documentElement.lang;
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

  /** The first field with a mistake gets the focus: that is where the person goes on. */
  function toMistake() {
    const wrong = document.querySelector('[aria-invalid="true"]');
    if (wrong) wrong.focus();
  }

  /** A colour is picked or written; both fields show it. */
  document.addEventListener("input", (event) => {
    const partner = event.target.dataset && event.target.dataset.twin;
    const twin = partner && document.getElementById(partner);
    if (twin && /^#[0-9a-f]{6}$/i.test(event.target.value)) twin.value = event.target.value;
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

  function look() {
    speak();
    tellPlaced();
    toMistake();
  }

  document.addEventListener("htmx:after:swap", look);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", look);
  else look();
})();
