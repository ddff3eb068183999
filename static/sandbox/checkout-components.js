/* Stand-ins for the checkout's web components (`s-*`): vanilla custom elements that understand the
   attributes of @shopify/ui-extensions 2026-07 and look like a calm checkout. */
(() => {
  "use strict";

  const SPACE = {
    none: "0", "small-500": "2px", "small-400": "4px", "small-300": "6px", "small-200": "8px",
    "small-100": "12px", small: "12px", base: "16px", large: "20px", "large-100": "20px",
    "large-200": "26px", "large-300": "32px", "large-400": "44px", "large-500": "60px",
  };
  const RADIUS = {
    none: "0", "small-100": "4px", small: "6px", base: "8px", large: "12px",
    "large-100": "16px", max: "999px",
  };
  const BORDER = { none: "0", base: "1px", large: "2px", "large-100": "3px", "large-200": "4px" };
  const BACKGROUND = { transparent: "transparent", subdued: "var(--subdued)", base: "var(--base)" };
  const KEYWORDS = { start: "flex-start", end: "flex-end" };

  // --- attributes → CSS -------------------------------------------------------------------------

  const spaces = (value) => value.split(/\s+/).map((part) => SPACE[part] ?? part).join(" ");
  const tracks = (value) => value.replace(/(\d)\s+(?=fr)/g, "$1");
  const flex = (value) => KEYWORDS[value] ?? value;
  const radii = (value) => value.split(/\s+/).map((part) => RADIUS[part] ?? part).join(" ");

  function border(value) {
    const [width, ...rest] = value.split(/\s+/);
    const style = rest.find((part) => ["dashed", "dotted", "none"].includes(part)) || "solid";
    return `${BORDER[width] ?? "1px"} ${style} var(--line)`;
  }

  /** attribute → [CSS property, how to translate its value] */
  const BOX = {
    background: ["background", (value) => BACKGROUND[value] ?? "transparent"],
    border: ["border", border],
    borderradius: ["border-radius", radii],
    borderwidth: ["border-width", (v) => v.split(/\s+/).map((p) => BORDER[p] ?? p).join(" ")],
    borderstyle: ["border-style", String],
    padding: ["padding", spaces],
    paddingblock: ["padding-block", spaces],
    paddingblockstart: ["padding-block-start", spaces],
    paddingblockend: ["padding-block-end", spaces],
    paddinginline: ["padding-inline", spaces],
    paddinginlinestart: ["padding-inline-start", spaces],
    paddinginlineend: ["padding-inline-end", spaces],
    blocksize: ["block-size", String],
    inlinesize: ["inline-size", String],
    minblocksize: ["min-block-size", String],
    mininlinesize: ["min-inline-size", String],
    maxblocksize: ["max-block-size", String],
    maxinlinesize: ["max-inline-size", String],
    overflow: ["overflow", (value) => (value === "hidden" ? "hidden" : "visible")],
  };
  const GAPS = {
    gap: ["gap", spaces],
    rowgap: ["row-gap", spaces],
    columngap: ["column-gap", spaces],
    alignitems: ["align-items", flex],
    aligncontent: ["align-content", flex],
    justifycontent: ["justify-content", flex],
  };
  const STACK = {
    ...BOX,
    ...GAPS,
    direction: ["flex-direction", (value) => (value === "inline" ? "row" : "column")],
    display: ["display", (value) => (value === "none" ? "none" : "flex")],
  };
  const GRID = {
    ...BOX,
    ...GAPS,
    alignitems: ["align-items", String],
    justifyitems: ["justify-items", String],
    placeitems: ["place-items", String],
    placecontent: ["place-content", String],
    gridtemplatecolumns: ["grid-template-columns", tracks],
    gridtemplaterows: ["grid-template-rows", tracks],
    display: ["display", (value) => (value === "none" ? "none" : "grid")],
  };
  const BLOCK = { ...BOX, display: ["display", (value) => (value === "none" ? "none" : "block")] };
  const ITEM = {
    ...BLOCK,
    gridcolumn: ["grid-column", String],
    gridrow: ["grid-row", String],
  };

  /** `@container (inline-size > 500px) A, B` is A where the condition holds, else B. */
  const RESPONSIVE = /^@container\s+([^(]*)(\(.*?\)(?:\s+and\s+\(.*?\))*)\s+(.*)$/s;

  function rules(property, translate, value) {
    const match = RESPONSIVE.exec(value.trim());
    if (!match) return `:host { ${property}: ${translate(value.trim())} }`;
    const [, name, condition, values] = match;
    const [then, otherwise = ""] = splitOutside(values);
    return (
      `${otherwise ? rules(property, translate, otherwise) : ""}\n` +
      `@container ${name}${condition} { :host { ${property}: ${translate(then.trim())} } }`
    );
  }

  /** Split at the first comma that is not inside brackets. */
  function splitOutside(text) {
    let depth = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] === "(") depth += 1;
      if (text[at] === ")") depth -= 1;
      if (text[at] === "," && depth === 0) return [text.slice(0, at), text.slice(at + 1)];
    }
    return [text];
  }

  // --- the base ---------------------------------------------------------------------------------

  const SHARED = `
    :host { box-sizing: border-box; min-inline-size: 0 }
    :host([hidden]) { display: none !important }
    * { box-sizing: border-box; font: inherit; color: inherit; margin: 0 }
    a:focus-visible, button:focus-visible, summary:focus-visible {
      outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px }`;

  const watched = new Set([
    ...Object.keys(STACK), ...Object.keys(GRID), ...Object.keys(ITEM),
    "accessibilitylabel", "alt", "aspectratio", "color", "content", "datetime", "defaultopen",
    "disabled", "dismissible", "fit", "heading", "href", "lines", "loading", "max", "name",
    "objectfit", "open", "size", "sizes", "src", "srcset", "summary", "target", "tone",
    "totalitems", "type", "value", "variant", "logo", "accessibilityrole", "for",
  ]);

  class Element extends HTMLElement {
    static observedAttributes = [...watched];
    static css = ":host { display: block }";
    static layout = {};

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
      this.own = new CSSStyleSheet();
      const base = new CSSStyleSheet();
      base.replaceSync(SHARED + this.constructor.css);
      this.shadowRoot.adoptedStyleSheets = [base, this.own];
    }

    connectedCallback() {
      this.draw();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.draw();
    }

    /** Attributes by their documented names; HTML knows them in lower case. */
    get(name) {
      return this.getAttribute(name) ?? "";
    }

    is(name) {
      const value = this.getAttribute(name);
      return value !== null && value !== "false";
    }

    draw() {
      const { layout } = this.constructor;
      const css = [...this.attributes]
        .filter(({ name, value }) => Object.hasOwn(layout, name) && value)
        .map(({ name, value }) => rules(layout[name][0], layout[name][1], value));
      this.own.replaceSync(css.join("\n"));
      const role = this.get("accessibilityRole");
      if (role) this.setAttribute("role", ROLES[role] ?? role);
      if (role && this.get("accessibilityLabel")) this.ariaLabel = this.get("accessibilityLabel");
      this.paint(this.shadowRoot);
    }

    paint(root) {
      if (!root.firstChild) root.append(document.createElement("slot"));
    }
  }

  const ROLES = {
    "ordered-list": "list", "unordered-list": "list", "list-item": "listitem", header: "banner",
    aside: "complementary", section: "region", footer: "contentinfo", "list-item-separator": "none",
  };

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== "" && value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const slot = (name) => make("slot", { name });

  /** Define an element: its CSS, the attributes that are layout, and how it paints its inside. */
  function define(tag, { css = ":host { display: block }", layout = {}, paint } = {}) {
    const Defined = class extends Element {
      static css = css;
      static layout = layout;
    };
    if (paint) {
      Defined.prototype.paint = function paintSelf(root) {
        root.replaceChildren(...[paint(this)].flat());
      };
    }
    customElements.define(tag, Defined);
  }

  // --- structure --------------------------------------------------------------------------------

  define("s-stack", {
    css: `:host { display: flex; flex-direction: column; flex-wrap: nowrap }
          :host([direction="inline"]) { flex-wrap: wrap; align-items: center }`,
    layout: STACK,
  });
  define("s-box", { layout: BLOCK });
  define("s-grid", { css: ":host { display: grid }", layout: GRID });
  define("s-grid-item", { layout: ITEM });
  define("s-scroll-box", { css: ":host { display: block; overflow: auto }", layout: BLOCK });
  define("s-query-container", { css: ":host { display: block; container-type: inline-size }" });
  define("s-divider", {
    css: `:host { display: block; border-block-start: 1px solid var(--line) }
          :host([direction="block"]) { border: 0; border-inline-start: 1px solid var(--line) }`,
    paint: () => [],
  });
  define("s-section", {
    css: `:host { display: block } .in { display: grid; gap: 14px }
          h2 { font-size: 17px; font-weight: 650; line-height: 1.35 }`,
    paint: (self) => {
      const heading = self.get("heading");
      const label = self.get("accessibilityLabel") || heading;
      return make("section", { class: "in", "aria-label": label },
        ...(heading ? [make("h2", {}, heading)] : []), slot());
    },
  });

  // --- text -------------------------------------------------------------------------------------

  const TONES = `
    :host([color="subdued"]) { color: var(--soft) }
    :host([tone="success"]) { color: var(--good) }
    :host([tone="critical"]) { color: var(--bad) }
    :host([tone="warning"]), :host([tone="caution"]) { color: var(--warn) }
    :host([tone="info"]) { color: var(--info) }`;

  define("s-heading", {
    css: `:host { display: block } h2, h3 { font-size: 17px; font-weight: 650; line-height: 1.35 }`,
    paint: (self) => make(self.parentElement?.closest("s-section[heading]") ? "h3" : "h2", {}, slot()),
  });
  define("s-paragraph", {
    css: `:host { display: block } p { line-height: 1.65 }
          :host([type="small"]) { font-size: 13px } ${TONES}`,
    paint: () => make("p", {}, slot()),
  });
  define("s-text", {
    css: `:host { display: inline } ${TONES}
          :host([type="strong"]) { font-weight: 650 }
          :host([type="emphasis"]) { font-style: italic }
          :host([type="small"]) { font-size: 13px }
          :host([type="redundant"]) s { color: var(--soft) }
          :host([type="offset"]) { color: var(--soft) }
          address { font-style: normal }`,
    paint: (self) => {
      const tags = { strong: "strong", emphasis: "em", small: "small", redundant: "s",
        mark: "mark", address: "address" };
      const tag = tags[self.get("type")];
      return tag ? make(tag, {}, slot()) : slot();
    },
  });
  define("s-time", {
    css: ":host { display: inline }",
    paint: (self) => make("time", { datetime: self.get("dateTime") }, slot()),
  });
  define("s-abbreviation", {
    css: ":host { display: inline }",
    paint: (self) => make("abbr", { title: self.title }, slot()),
  });
  define("s-unordered-list", {
    css: `:host { display: block } ul { padding-inline-start: 20px; display: grid; gap: 6px }`,
    paint: () => make("ul", {}, slot()),
  });
  define("s-ordered-list", {
    css: `:host { display: block } ol { padding-inline-start: 22px; display: grid; gap: 6px }`,
    paint: () => make("ol", {}, slot()),
  });
  define("s-list-item", { css: ":host { display: list-item; line-height: 1.6 }" });

  // --- things to press --------------------------------------------------------------------------

  /** A checkout's links leave the checkout: the frame is ours, the page is the shop's. */
  function anchor(self, attributes, ...children) {
    const blank = self.get("target") === "_blank";
    return make("a", {
      href: self.get("href"),
      target: blank ? "_blank" : "_top",
      rel: blank ? "noopener" : "",
      "aria-label": self.get("accessibilityLabel"),
      ...attributes,
    }, ...children);
  }

  define("s-button", {
    css: `
      :host { display: inline-block; inline-size: auto }
      :host([inlinesize="fill"]) { display: block }
      :host([inlinesize="fill"]) .b { inline-size: 100% }
      .b { display: inline-flex; align-items: center; justify-content: center; gap: 8px;
           min-block-size: 48px; padding: 10px 20px; border-radius: var(--radius); cursor: pointer;
           border: 1px solid var(--line-strong); background: var(--base); text-decoration: none;
           font-weight: 600; line-height: 1.3; text-align: center }
      .b:hover { background: var(--subdued) }
      .b.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
      .b.primary:hover { filter: brightness(0.92) }
      .b.critical { color: var(--bad) }
      .b[disabled] { opacity: 0.5; cursor: not-allowed }`,
    layout: { inlinesize: ["--unused", String] },
    paint: (self) => {
      const primary = ["primary", "auto", ""].includes(self.get("variant"));
      const names = ["b", primary && "primary", self.get("tone") === "critical" && "critical"];
      const look = { class: names.filter(Boolean).join(" ") };
      const busy = self.is("loading");
      if (self.get("href") && !self.is("disabled")) return anchor(self, look, slot());
      return make("button", {
        ...look,
        type: "button",
        disabled: (self.is("disabled") || busy) && "disabled",
        "aria-busy": busy && "true",
        "aria-label": self.get("accessibilityLabel"),
      }, slot());
    },
  });
  define("s-link", {
    css: `:host { display: inline } a, button { color: var(--accent-text); text-underline-offset: 3px;
          text-decoration: underline; background: none; border: 0; padding: 0; cursor: pointer }`,
    paint: (self) => (self.get("href") ? anchor(self, {}, slot()) : make("button", { type: "button" }, slot())),
  });
  define("s-clickable", {
    css: `:host { display: block } .c { display: block; inline-size: 100%; text-align: start;
          background: none; border: 0; padding: 0; text-decoration: none; cursor: pointer }`,
    layout: BLOCK,
    paint: (self) => (self.get("href")
      ? anchor(self, { class: "c" }, slot())
      : make("button", { class: "c", type: "button", "aria-label": self.get("accessibilityLabel") }, slot())),
  });

  // --- things to fill in ------------------------------------------------------------------------

  /** A form's element: its `value` is a property, and a change leaves the shadow root. */
  function input(tag, css, paint, own = {}) {
    define(tag, { css: `:host { display: block } ${css}`, paint });
    const kind = customElements.get(tag);
    for (const [name, first] of Object.entries({ value: "", ...own })) {
      Object.defineProperty(kind.prototype, name, {
        get() {
          return this[`_${name}`] ?? (typeof first === "boolean" ? this.is(name) : this.get(name) || first);
        },
        set(value) {
          this[`_${name}`] = value;
          if (this.isConnected && !this.typing) this.paint(this.shadowRoot);
        },
      });
    }
  }

  function told(self, name, value) {
    self.typing = true;
    self[name] = value;
    self.dispatchEvent(new Event("input", { bubbles: true }));
    self.dispatchEvent(new Event("change", { bubbles: true }));
    queueMicrotask(() => (self.typing = false));
  }

  const FIELD = `
    label { display: grid; gap: 4px; font-size: 0.875em; color: var(--soft) }
    input { font: inherit; font-size: 1rem; color: var(--ink); min-block-size: 48px; padding: 8px 12px;
            border: 1px solid var(--line-strong); border-radius: var(--radius); background: var(--base);
            inline-size: 100%; box-sizing: border-box }`;
  const TICK = `
    label { display: flex; gap: 10px; align-items: start; box-sizing: border-box; min-block-size: 44px; padding-block: 11px; cursor: pointer }
    input { inline-size: 20px; block-size: 20px; margin: 0; accent-color: var(--accent); flex: none }`;

  function field(type, more = () => ({})) {
    return (self) => {
      const box = make("input", { type, name: self.get("name"), ...more(self) });
      box.value = self.value;
      box.addEventListener("change", () => told(self, "value", box.value));
      return make("label", {}, self.get("label"), box);
    };
  }

  input("s-text-field", FIELD, field("text", (self) => ({ maxlength: self.get("maxLength") })));
  input("s-date-field", FIELD, field("date", (self) => {
    const [min, max] = self.get("allow").split("--");
    return { min, max };
  }));
  input("s-checkbox", TICK, (self) => {
    const box = make("input", { type: "checkbox", name: self.get("name") });
    box.checked = self.checked;
    box.addEventListener("change", () => told(self, "checked", box.checked));
    return make("label", {}, box, self.get("label"));
  }, { checked: false });
  input("s-choice-list", "fieldset { border: 0; margin: 0; padding: 0 } legend { padding: 0; font-weight: 600 }", (self) => {
    queueMicrotask(() => self.show && self.show());
    return make("fieldset", {}, make("legend", {}, self.get("label")), slot());
  }, { values: [] });
  customElements.get("s-choice-list").prototype.show = function show() {
    for (const choice of this.querySelectorAll("s-choice")) {
      choice.chosen = (this.values || []).includes(choice.value);
    }
  };
  input("s-choice", TICK, (self) => {
    const box = make("input", { type: "radio", value: self.value });
    box.checked = Boolean(self.chosen);
    box.addEventListener("change", () => {
      const list = self.closest("s-choice-list");
      told(list, "values", [self.value]);
      list.show();
    });
    return make("label", {}, box, slot());
  }, { chosen: false });

  // --- things to see ----------------------------------------------------------------------------

  define("s-image", {
    css: `:host { display: block } img { display: block; max-inline-size: 100%; inline-size: 100%;
          border-radius: inherit; object-fit: var(--fit, contain); aspect-ratio: var(--ratio, auto) }
          :host([inlinesize="auto"]) img { inline-size: auto }`,
    layout: {
      borderradius: BOX.borderradius,
      border: BOX.border,
      objectfit: ["--fit", String],
      aspectratio: ["--ratio", String],
    },
    paint: (self) => image(self),
  });
  const THUMB = { "small-100": 40, small: 48, base: 64 };
  define("s-product-thumbnail", {
    css: `:host { display: inline-block; position: relative }
          .t { display: block; border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
               background: var(--base) }
          img { display: block; inline-size: 100%; block-size: 100%; object-fit: cover }
          .n { position: absolute; inset-block-start: -8px; inset-inline-end: -8px; min-inline-size: 22px;
               block-size: 22px; padding-inline: 6px; border-radius: 11px; background: #555;
               color: #fff; font-size: 12px; line-height: 22px; text-align: center; font-weight: 600 }`,
    paint: (self) => {
      const side = THUMB[self.get("size")] ?? THUMB.base;
      const box = make("span", { class: "t" }, ...(self.get("src") ? [image(self)] : []));
      box.style.inlineSize = box.style.blockSize = `${side}px`;
      const count = Number(self.get("totalItems"));
      return count > 0 ? [box, make("span", { class: "n" }, String(count))] : [box];
    },
  });

  function image(self) {
    const node = make("img", { src: self.get("src"), srcset: self.get("srcSet"),
      sizes: self.get("sizes"), loading: self.get("loading") });
    node.alt = self.get("alt");
    return node;
  }

  define("s-qr-code", {
    css: `:host { display: inline-block } img { display: block; background: #fff; padding: 10px;
          border-radius: 8px; border: 1px solid var(--line); inline-size: 148px; block-size: 148px }
          :host([size="fill"]) img { inline-size: 100%; block-size: auto }
          :host([border="none"]) img { border: 0 }`,
    paint: (self) => {
      const node = make("img", { src: `/qr.svg?content=${encodeURIComponent(self.get("content"))}` });
      node.alt = self.get("accessibilityLabel");
      node.addEventListener("error", () => self.dispatchEvent(new Event("error")));
      return node;
    },
  });
  define("s-badge", {
    css: `:host { display: inline-block } .b { display: inline-block; padding: 3px 10px; font-size: 13px;
          border-radius: 999px; background: var(--subdued); border: 1px solid var(--line);
          line-height: 1.5; font-weight: 550 }
          :host([tone="critical"]) .b { color: var(--bad) }
          :host([tone="success"]) .b { color: var(--good) }`,
    paint: () => make("span", { class: "b" }, slot()),
  });
  define("s-chip", {
    css: `:host { display: inline-block } .b { display: inline-block; padding: 3px 10px;
          border: 1px solid var(--line); border-radius: 999px; font-size: 13px }`,
    paint: () => make("span", { class: "b" }, slot()),
  });
  define("s-banner", {
    css: `:host { display: block } .n { border: 1px solid var(--line); border-radius: var(--radius);
          padding: 14px 16px; background: var(--subdued); display: grid; gap: 6px;
          border-inline-start: 4px solid var(--info) }
          :host([tone="success"]) .n { border-inline-start-color: var(--good) }
          :host([tone="warning"]) .n { border-inline-start-color: var(--warn) }
          :host([tone="critical"]) .n { border-inline-start-color: var(--bad) }
          h2 { font-size: 15px; font-weight: 650 }`,
    paint: (self) => {
      const heading = self.get("heading");
      const role = self.get("tone") === "critical" ? "alert" : "status";
      return make("div", { class: "n", role }, ...(heading ? [make("h2", {}, heading)] : []), slot());
    },
  });
  define("s-progress", {
    css: ":host { display: block } progress { inline-size: 100%; accent-color: var(--accent) }",
    paint: (self) => make("progress", { max: self.get("max") || "1", value: self.get("value"),
      "aria-label": self.get("accessibilityLabel") }),
  });
  define("s-spinner", {
    css: `:host { display: inline-block } i { display: block; inline-size: 22px; block-size: 22px;
          border: 3px solid var(--line); border-block-start-color: var(--accent); border-radius: 50%;
          animation: turn 0.9s linear infinite } @keyframes turn { to { rotate: 1turn } }
          @media (prefers-reduced-motion: reduce) { i { animation: none } }`,
    paint: (self) => make("i", { role: "status", "aria-label": self.get("accessibilityLabel") }),
  });
  define("s-skeleton-paragraph", {
    css: `:host { display: grid; gap: 8px } i { display: block; block-size: 14px; border-radius: 4px;
          background: var(--line); inline-size: 92% } i:last-child { inline-size: 60% }`,
    paint: () => [make("i", { "aria-hidden": "true" }), make("i", { "aria-hidden": "true" })],
  });

  const ICONS = {
    check: "M4 10.5 8 14.5 16 6", "check-circle": "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M6.5 10.2l2.4 2.4 4.8-5",
    clock: "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M10 5.5V10l3 2",
    delivery: "M2 5h9v9H2zM11 8h4l3 3v3h-7M5.5 16a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M14.5 16a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
    truck: "M2 5h9v9H2zM11 8h4l3 3v3h-7",
    package: "M3 6l7-3 7 3v8l-7 3-7-3zM3 6l7 3 7-3M10 9v8",
    calendar: "M3 5h14v12H3zM3 9h14M7 3v4M13 3v4", email: "M2 5h16v10H2zM2 6l8 6 8-6",
    phone: "M5 3h3l1.5 4-2 1.5a9 9 0 0 0 4 4l1.5-2 4 1.5v3a2 2 0 0 1-2 2A13 13 0 0 1 3 5a2 2 0 0 1 2-2",
    chat: "M3 4h14v10H9l-4 3v-3H3z", info: "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M10 9v5M10 6v.5",
    gift: "M3 8h14v9H3zM2 5h16v3H2zM10 5v12", star: "M10 2.5l2.3 5 5.2.6-3.9 3.6 1.1 5.3-4.7-2.7-4.7 2.7 1.1-5.3L2.5 8.1l5.2-.6z",
    external: "M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8",
  };
  ICONS["alert-circle"] = ICONS.info;
  ICONS["info-filled"] = ICONS.info;
  ICONS["check-circle-filled"] = ICONS["check-circle"];

  define("s-icon", {
    css: `:host { display: inline-block; vertical-align: middle; line-height: 0 } ${TONES}
          svg { inline-size: 20px; block-size: 20px; fill: none; stroke: currentColor;
                stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round }`,
    paint: (self) => {
      const space = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(space, "svg");
      svg.setAttribute("viewBox", "0 0 20 20");
      svg.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", ICONS[self.get("type")] ?? "M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8");
      svg.append(path);
      return svg;
    },
  });

  // --- details ----------------------------------------------------------------------------------

  customElements.define("s-details", class extends Element {
    static css = `:host { display: block } summary { cursor: pointer; padding-block: 10px;
      min-block-size: 44px; display: flex; align-items: center; gap: 8px; list-style: none }
      summary::before { content: "▸"; color: var(--soft) } details[open] summary::before { content: "▾" }`;

    paint(root) {
      if (root.firstChild) return;
      const open = this.is("defaultOpen") || this.is("open");
      const details = make("details", { open: open && "open" },
        make("summary", {}, slot("summary"), this.get("summary")), slot());
      details.addEventListener("toggle", () => this.dispatchEvent(new Event("toggle")));
      root.append(details);
      for (const child of this.querySelectorAll(":scope > s-summary")) child.slot = "summary";
    }
  });
  define("s-summary", { css: ":host { display: inline }" });
})();
