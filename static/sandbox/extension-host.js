/* The stand-in for the extension runtime of the checkout and of the customer's account, inside a frame that shares nothing with the
   page around it. A built extension is a script that calls `shopify.extend(target, render)` and
   renders `s-*` elements into its document; its data are signals on the global `shopify`. */
(() => {
  "use strict";

  const given = JSON.parse(document.getElementById("extension-data").textContent);

  // --- signals ----------------------------------------------------------------------------------

  /** Until the extension brings its own Signal class, a value that can be read and subscribed to. */
  class Still {
    constructor(value) {
      this.value = value;
    }
    peek() {
      return this.value;
    }
    subscribe(listener) {
      listener(this.value);
      return () => undefined;
    }
  }

  let Signal = Still;
  const made = new Map();

  function signal(name, value) {
    if (!made.has(name)) made.set(name, new Signal(value));
    return made.get(name);
  }

  function signals(target, values, prefix = "") {
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(target, name, {
        enumerable: true,
        get: () => signal(prefix + name, value),
      });
    }
    return target;
  }

  // --- asking the page around us ----------------------------------------------------------------

  const waiting = new Map();
  let asked = 0;

  function ask(verb, ...args) {
    const id = ++asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      window.parent.postMessage({ extension: 1, id, verb, args }, "*");
    });
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== given.host) return;
    const question = waiting.get(event.data && event.data.id);
    if (!question) return;
    waiting.delete(event.data.id);
    if (event.data.error) question.reject(new Error(event.data.error));
    else question.resolve(event.data.value);
  });

  // --- i18n -------------------------------------------------------------------------------------

  const locale = given.language;

  function lookUp(words, key) {
    return key.split(".").reduce((found, part) => (found == null ? found : found[part]), words);
  }

  function translate(key, options = {}) {
    let text = lookUp(given.words, key) ?? lookUp(given.fallbackWords, key);
    if (text && typeof text === "object") {
      const form = new Intl.PluralRules(locale).select(Number(options.count));
      text = text[form] ?? text.other;
    }
    if (text === undefined) throw new Error(`The extension has no text for ${key}.`);
    const parts = text.split(/\{\{\s*(\w+)\s*\}\}/);
    const filled = parts.map((part, at) => (at % 2 ? (options[part] ?? "") : part));
    return filled.some((part) => typeof part === "object") ? filled : filled.join("");
  }

  function without(options = {}) {
    const { inExtensionLocale, ...rest } = options;
    return rest;
  }

  const i18n = {
    translate,
    formatNumber: (number, options) => new Intl.NumberFormat(locale, without(options)).format(number),
    formatCurrency: (number, options) =>
      new Intl.NumberFormat(locale, {
        style: "currency",
        currency: given.currency,
        ...without(options),
      }).format(number),
    formatDate: (date, options) =>
      new Intl.DateTimeFormat(locale, { timeZone: given.timezone, ...without(options) }).format(date),
  };

  // --- the global the extension sees ------------------------------------------------------------

  const refuse = (why) => () => Promise.reject(new Error(why));

  const shopify = {
    apiVersion: given.apiVersion,
    version: given.apiVersion,
    extensionPoint: given.target,
    extension: signals(
      { target: given.target, apiVersion: given.apiVersion, scriptUrl: given.scriptUrl },
      { capabilities: given.capabilities, rendered: true },
      "extension.",
    ),
    shop: given.shop,
    i18n,
    localization: signals({}, given.localization, "localization."),
    cost: signals({}, given.cost, "cost."),
    sessionToken: { get: () => ask("sessionToken") },
    storage: {
      read: (key) => ask("storageRead", String(key)),
      write: (key, value) => ask("storageWrite", String(key), value),
      delete: (key) => ask("storageDelete", String(key)),
    },
    analytics: { publish: async () => true, visitor: async () => ({ type: "success" }) },
    query: refuse("This extension has no access to the Storefront API (api_access)."),
    // A page opened by its link: nobody has logged in, and here nobody can.
    authenticatedAccount: signals(
      {},
      { customer: undefined, purchasingCompany: undefined },
      "authenticatedAccount.",
    ),
    requireLogin: refuse("The sandbox has no customer accounts to log in to."),
    navigation: { navigate: (url) => window.open(url, "_top") },
    setSignals(theirs) {
      Signal = theirs;
      made.clear();
    },
    extend(target, render) {
      if (target !== given.target) return;
      document.documentElement.dataset.extended = target;
      Promise.resolve()
        .then(() => render(shopify))
        .catch(fail);
    },
    reload: () => location.reload(),
  };
  signals(shopify, given.signals);
  globalThis.shopify = shopify;

  function fail(error) {
    document.documentElement.dataset.failed = String(error && error.message);
    throw error;
  }

  // The frame is as tall as what is in it.
  const tall = () => ask("height", Math.ceil(document.body.getBoundingClientRect().height));
  window.addEventListener("DOMContentLoaded", () => new ResizeObserver(tall).observe(document.body));
})();
