/* The chat looks after itself: what comes in stands there within a second. */
(() => {
  "use strict";

  const talk = document.querySelector("[data-look]");
  const count = (place) => place.querySelector("[data-count]")?.dataset.count;
  const down = () => { talk.scrollTop = talk.scrollHeight; };

  async function look() {
    const response = await fetch(talk.dataset.look);
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (count(page) !== count(talk)) {
        talk.replaceChildren(...page.body.childNodes);
        down();
      }
    }
    setTimeout(look, 1000);
  }

  down();
  setTimeout(look, 1000);
})();
