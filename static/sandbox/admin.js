/* The admin around an embedded app: answers App Bridge, and shows what the app asks to be shown. */
(() => {
  "use strict";

  const frame = document.querySelector("[data-app-frame]");
  if (!frame) return;

  const app = frame.dataset.appOrigin;
  const base = frame.dataset.base; // this page without the app's own path
  const nav = document.querySelector("[data-app-nav]");
  const bar = document.querySelector("[data-save-bar-frame]");
  const toasts = document.querySelector("[data-toasts]");
  const busy = document.querySelector("[data-app-busy]");

  async function json(url) {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`The admin answered ${response.status}.`);
    return response.json();
  }

  const answers = {
    idToken: async () => (await json(frame.dataset.tokenUrl)).id_token,
    extensions: () => json(frame.dataset.extensionsUrl),
    user: async () => ({ accountAccess: "standard" }),
    scopesQuery: () => json(frame.dataset.scopesUrl),
    scopesRequest: askScopes,
    scopesRevoke: (scopes) => post({ verb: "revoke", scopes }),
  };

  async function post(body) {
    const response = await fetch(frame.dataset.scopesUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Okaeri-Sandbox": "1" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The admin answered ${response.status}.`);
    return response.json();
  }

  /** Shopify's own dialog: the app asks, the merchant decides. */
  function askScopes(scopes) {
    const dialog = document.querySelector("[data-scopes]");
    dialog.querySelector("ul").replaceChildren(
      ...scopes.map((scope) =>
        dialog.querySelector(`[data-scope="${CSS.escape(scope)}"]`).content.cloneNode(true),
      ),
    );
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve, reject) => {
      const decide = async () => {
        const granted = dialog.returnValue === "allow";
        const verb = granted ? "grant" : "query";
        const detail = await post({ verb, scopes });
        resolve({ result: granted ? "granted-all" : "declined-all", detail });
      };
      dialog.addEventListener("close", () => decide().catch(reject), { once: true });
    });
  }

  const acts = {
    nav(links) {
      nav.replaceChildren(...links.map(navLink));
      markPlace();
    },
    place(path, title) {
      history.replaceState(null, "", adminUrl(path));
      if (title) document.title = `${title} · ${frame.dataset.appName}`;
      frame.dataset.place = path;
      // Whoever chooses another language stays where they have come to.
      const back = document.querySelector(".toggles [name=back]");
      if (back) back.value = location.pathname + location.search;
      busy.hidden = true;
      markPlace();
    },
    saveBar(open) {
      bar.hidden = !open;
      document.body.classList.toggle("is-editing", open);
    },
    toast({ id, message, isError }) {
      const toast = document.createElement("p");
      toast.className = isError ? "toast is-error" : "toast";
      toast.dataset.testid = "toast";
      toast.dataset.toast = id;
      toast.textContent = message;
      toasts.append(toast);
      setTimeout(() => toast.remove(), 5000);
    },
    toastHide(id) {
      for (const toast of toasts.children) if (toast.dataset.toast === id) toast.remove();
    },
    loading(on) {
      busy.hidden = !on;
    },
    openAdmin(path, target) {
      const url = frame.dataset.adminUrl + path;
      if (target === "_blank") window.open(url, "_blank", "noopener");
      else location.assign(url);
    },
  };

  /** The app's paths hang below this page: what its home is at the app is this page itself. */
  function adminUrl(path) {
    const home = frame.dataset.home.replace(/\/$/, "");
    const below = path === home || path.startsWith(`${home}/`) || path.startsWith(`${home}?`);
    return below ? base + path.slice(home.length) : base;
  }

  function navLink({ label, href }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = adminUrl(href);
    link.dataset.path = href;
    link.dataset.testid = "app-nav-link";
    link.textContent = label;
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      busy.hidden = false;
      say({ event: "navigate", value: href });
    });
    item.append(link);
    return item;
  }

  function markPlace() {
    const place = (frame.dataset.place || "").split("?")[0];
    const links = [...nav.querySelectorAll("a")];
    const best = links
      .filter((link) => place === link.dataset.path || place.startsWith(`${link.dataset.path}/`))
      .sort((a, b) => b.dataset.path.length - a.dataset.path.length)[0];
    for (const link of links) {
      if (link === best) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  function say(message) {
    frame.contentWindow.postMessage({ bridge: 1, ...message }, app);
  }

  let asked = new Set();
  frame.addEventListener("load", () => {
    // A new page counts its questions from one.
    asked = new Set();
  });

  window.addEventListener("message", async (event) => {
    if (event.origin !== app || event.source !== frame.contentWindow) return;
    const { bridge, id, verb, args = [] } = event.data || {};
    if (bridge !== 1) return;
    if (!id) {
      if (Object.hasOwn(acts, verb)) acts[verb](...args);
      return;
    }
    // What is asked again while somebody still thinks about it is the same question.
    if (verb === "scopesRequest" && asked.has(id)) return;
    asked.add(id);
    try {
      if (!Object.hasOwn(answers, verb)) throw new Error(`The admin knows no ${verb}.`);
      say({ id, value: await answers[verb](...args) });
    } catch (error) {
      say({ id, error: error.message });
    }
  });

  for (const name of ["save", "discard"]) {
    bar.querySelector(`[data-${name}]`).addEventListener("click", () => say({ event: name }));
  }
  frame.addEventListener("load", () => {
    busy.hidden = true;
    say({ event: "awake" });
  });
  say({ event: "awake" });
})();
