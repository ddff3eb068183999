/* On a wide screen the order summary stands open beside the form. */
(() => {
  "use strict";
  const summary = document.querySelector("[data-summary]");
  const wide = matchMedia("(min-width: 960px)");
  const fit = () => {
    if (wide.matches) summary.open = true;
  };
  wide.addEventListener("change", fit);
  fit();
})();
