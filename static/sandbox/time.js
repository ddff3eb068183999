/* While time runs, show how far it has come. */
(() => {
  "use strict";

  const place = document.querySelector("[data-progress]");
  const running = () => place.querySelector('[data-state="running"]') !== null;

  async function look() {
    const response = await fetch(place.dataset.progress);
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
    }
    if (running()) setTimeout(look, 400);
    else location.reload();
  }

  if (running()) setTimeout(look, 400);
})();
