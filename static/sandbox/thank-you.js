/* The page around a checkout extension: hands it tokens and storage, and makes room for it. */
(() => {
  "use strict";

  for (const frame of document.querySelectorAll("[data-extension-frame]")) {
    const drawer = `extension:${frame.dataset.checkout}:`;

    const answers = {
      height(pixels) {
        frame.style.height = `${Math.min(Math.max(Number(pixels) || 0, 0), 6000)}px`;
      },
      async sessionToken() {
        const response = await fetch(frame.dataset.tokenUrl);
        if (!response.ok) throw new Error("There is no session token for this checkout.");
        return (await response.json()).token;
      },
      storageRead: (key) => JSON.parse(localStorage.getItem(drawer + key)),
      storageWrite: (key, value) => localStorage.setItem(drawer + key, JSON.stringify(value)),
      storageDelete: (key) => localStorage.removeItem(drawer + key),
    };

    window.addEventListener("message", async (event) => {
      if (event.source !== frame.contentWindow) return;
      const { extension, id, verb, args = [] } = event.data || {};
      if (extension !== 1 || !Object.hasOwn(answers, verb)) return;
      const reply = { id };
      try {
        reply.value = await answers[verb](...args);
      } catch (error) {
        reply.error = error.message;
      }
      // The frame has no origin of its own, so no origin can be named; it is ours by its window.
      frame.contentWindow.postMessage(reply, "*");
    });
  }
})();
