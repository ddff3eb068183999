/* The sandbox's stand-in for Shopify's App Bridge: what an embedded app may ask of the admin that
   frames it. It talks to the admin by postMessage and believes no one else. */
(() => {
  "use strict";

  const script = document.currentScript;
  const ADMIN = new URL(script.src).origin;
  const meta = document.querySelector('meta[name="shopify-api-key"]');
  const embedded = window.parent !== window;
  const kept = remember();

  /** The frame is opened with the shop and the host once; later pages of the app lack them. Where
   * the browser keeps nothing for frames of another site, those pages do without. */
  function remember() {
    const query = new URLSearchParams(location.search);
    const found = {};
    for (const key of ["shop", "host", "locale"]) {
      found[key] = query.get(key) || recall(key);
      if (found[key]) keep(key, found[key]);
    }
    return found;
  }

  function recall(key) {
    try {
      return sessionStorage.getItem(`bridge:${key}`) || "";
    } catch {
      return "";
    }
  }

  function keep(key, value) {
    try {
      sessionStorage.setItem(`bridge:${key}`, value);
    } catch {
      // Nothing of the bridge needs it.
    }
  }

  // --- asking the admin -------------------------------------------------------------------------

  const waiting = new Map();
  let asked = 0;

  function tell(verb, ...args) {
    if (embedded) window.parent.postMessage({ bridge: 1, verb, args }, ADMIN);
  }

  /** Questions that a person answers wait as long as they think. */
  const PATIENT = ["scopesRequest"];

  function ask(verb, ...args) {
    if (!embedded) return Promise.reject(new Error("This page is not open inside the admin."));
    const id = ++asked;
    return new Promise((resolve, reject) => {
      const most = PATIENT.includes(verb) ? 600000 : 10000;
      const late = setTimeout(() => answer({ id, error: `The admin did not answer ${verb}.` }), most);
      // The admin around us may still be waking up: what it did not hear is asked again.
      const post = () => window.parent.postMessage({ bridge: 1, id, verb, args }, ADMIN);
      waiting.set(id, { resolve, reject, late, again: setInterval(post, 400) });
      post();
    });
  }

  function answer({ id, value, error }) {
    const question = waiting.get(id);
    if (!question) return;
    waiting.delete(id);
    clearTimeout(question.late);
    clearInterval(question.again);
    if (error) question.reject(new Error(error));
    else question.resolve(value);
  }

  /** What was told before the admin around us woke up is told again. */
  function awake() {
    shown = "";
    tellNav();
    tellPlace();
  }

  const heard = { save: () => bars.save(), discard: () => bars.discard(), navigate, awake };

  window.addEventListener("message", (event) => {
    if (event.origin !== ADMIN || event.source !== window.parent) return;
    if (!event.data || event.data.bridge !== 1) return;
    if (event.data.id) answer(event.data);
    else if (Object.hasOwn(heard, event.data.event)) heard[event.data.event](event.data.value);
  });

  // --- ID tokens, and fetch that carries them ---------------------------------------------------

  const token = { value: null, until: 0 };

  async function idToken() {
    if (!token.value || Date.now() > token.until) await freshToken();
    return token.value;
  }

  async function freshToken() {
    token.value = await ask("idToken");
    token.until = Date.now() + 20000;
    return token.value;
  }

  const plainFetch = window.fetch.bind(window);

  window.fetch = async function fetch(input, init) {
    const request = new Request(input, init);
    const ours = new URL(request.url).origin === location.origin;
    if (!ours || !embedded || request.headers.has("Authorization")) return plainFetch(request);
    const again = request.clone();
    const response = await plainFetch(withToken(request, await idToken()));
    if (!response.headers.has("X-Shopify-Retry-Invalid-Session-Request")) return response;
    return plainFetch(withToken(again, await freshToken()));
  };

  function withToken(request, value) {
    request.headers.set("Authorization", `Bearer ${value}`);
    return request;
  }

  /** The page an app sends a document to when its ID token is missing or stale. */
  async function reloadWithToken(target) {
    const url = new URL(target, location.origin);
    if (url.origin !== location.origin) return;
    url.searchParams.set("id_token", await freshToken());
    location.replace(url);
  }

  // --- navigation -------------------------------------------------------------------------------

  const HIDDEN = "s-app-nav, ui-nav-menu, ui-save-bar { display: none !important }";
  const SIGNED = ["id_token", "hmac", "host", "session", "timestamp", "embedded", "shop", "locale"];

  function hideParts() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(HIDDEN);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  function navLinks() {
    return [...document.querySelectorAll("s-app-nav [href], ui-nav-menu [href]")];
  }

  let shown = "";

  function tellNav() {
    const links = navLinks()
      .filter((link) => link.getAttribute("rel") !== "home")
      .map((link) => ({ label: link.textContent.trim(), href: link.getAttribute("href") }));
    if (JSON.stringify(links) === shown) return;
    shown = JSON.stringify(links);
    tell("nav", links);
  }

  function tellPlace() {
    const query = new URLSearchParams(location.search);
    for (const key of SIGNED) query.delete(key);
    const rest = query.toString();
    tell("place", location.pathname + (rest ? `?${rest}` : ""), document.title);
  }

  /** A click on the admin's copy of the app's navigation is a click on the app's own link. */
  function navigate(href) {
    const link = navLinks().find((each) => each.getAttribute("href") === href);
    const url = new URL(href, location.href);
    if (url.origin !== location.origin) return;
    const click = new MouseEvent("click", { bubbles: true, cancelable: true });
    if (!link || (link.dispatchEvent(click) && link.localName !== "a")) location.assign(url);
  }

  function adminPath(href) {
    const match = /^shopify:(?:\/\/)?admin(\/.*)$/.exec(href || "");
    return match && match[1];
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("[href]");
    const path = link && adminPath(link.getAttribute("href"));
    if (!path) return;
    event.preventDefault();
    tell("openAdmin", path, link.getAttribute("target") || "_top");
  });

  const plainOpen = window.open.bind(window);
  window.open = function open(url, target, features) {
    const path = adminPath(String(url));
    if (!path) return plainOpen(url, target, features);
    tell("openAdmin", path, target || "_top");
    return null;
  };

  // --- the contextual save bar ------------------------------------------------------------------

  const bars = {
    /** What is being edited: a form, or a <ui-save-bar>. */
    current: null,
    before: new WeakMap(),

    state(form) {
      return new URLSearchParams(
        [...new FormData(form)].map(([key, value]) => [key, String(value.name ?? value)]),
      ).toString();
    },
    watch() {
      for (const form of document.querySelectorAll("form[data-save-bar]")) {
        if (!this.before.has(form)) this.before.set(form, this.state(form));
      }
      if (this.current && !this.current.isConnected) this.hide();
    },
    changed(form) {
      if (!this.before.has(form)) return;
      if (this.state(form) !== this.before.get(form)) this.show(form);
      else if (this.current === form) this.hide();
    },
    show(what) {
      this.current = what;
      tell("saveBar", true);
    },
    hide() {
      this.current = null;
      tell("saveBar", false);
    },
    press(selector) {
      const button = this.current.querySelector(selector);
      if (button) button.click();
    },
    save() {
      if (!this.current) return;
      if (this.current instanceof HTMLFormElement) this.current.requestSubmit();
      else this.press('button[variant="primary"]');
    },
    discard() {
      if (!this.current) return;
      if (this.current instanceof HTMLFormElement) {
        this.current.reset();
        this.hide();
      } else this.press('button:not([variant="primary"])');
    },
    submitted(form) {
      if (!this.before.has(form)) return;
      this.before.set(form, this.state(form));
      if (this.current === form) this.hide();
    },
  };

  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest("form[data-save-bar]");
      if (form) bars.changed(form);
    });
  }
  document.addEventListener("submit", (event) => bars.submitted(event.target));

  function namedBar(id) {
    return id ? document.getElementById(id) : document.querySelector("form[data-save-bar]");
  }

  // --- what the app sees ------------------------------------------------------------------------

  window.shopify = {
    config: {
      apiKey: meta ? meta.content : script.dataset.apiKey || "",
      shop: kept.shop,
      host: kept.host,
      locale: kept.locale || "en",
    },
    environment: { embedded, mobile: false, pos: false },
    origin: ADMIN,
    ready: Promise.resolve(),
    idToken,
    toast: {
      show: (message, options = {}) => {
        const id = `toast-${++asked}`;
        tell("toast", { id, message: String(message), isError: Boolean(options.isError) });
        return id;
      },
      hide: (id) => tell("toastHide", id),
    },
    saveBar: {
      show: async (id) => bars.show(namedBar(id)),
      hide: async () => bars.hide(),
      toggle: async (id) => (bars.current ? bars.hide() : bars.show(namedBar(id))),
      leaveConfirmation: async () => undefined,
    },
    app: { extensions: () => ask("extensions") },
    scopes: {
      query: () => ask("scopesQuery"),
      request: (scopes) => ask("scopesRequest", scopes),
      revoke: (scopes) => ask("scopesRevoke", scopes),
    },
    loading: (busy = true) => tell("loading", Boolean(busy)),
    user: () => ask("user"),
  };

  /** An embedded app that was opened by itself goes to where it belongs. */
  function goHome() {
    const admin = new URL(ADMIN);
    const place = atob(kept.host.replace(/-/g, "+").replace(/_/g, "/"));
    if (!place.startsWith(`${admin.host}/admin/store/`)) return;
    location.replace(`${admin.protocol}//${place}/apps/${window.shopify.config.apiKey}`);
  }

  if (!embedded && new URLSearchParams(location.search).has("host")) goHome();

  const reload = new URLSearchParams(location.search).get("shopify-reload");
  if (reload && embedded) reloadWithToken(reload);

  document.addEventListener("DOMContentLoaded", () => {
    if (reload) return;
    const look = () => {
      tellNav();
      bars.watch();
    };
    look();
    tell("saveBar", false);
    tellPlace();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    for (const name of ["pushState", "replaceState"]) {
      const plain = history[name].bind(history);
      history[name] = (...args) => {
        plain(...args);
        tellPlace();
      };
    }
    window.addEventListener("popstate", tellPlace);
  });
  hideParts();
})();
