// @ts-check
// The draft's theme: the reader's choice, else the system's. Runs before anything is painted.

(() => {
  const KEY = "typedwiki-theme";
  const { dataset } = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    dataset.theme = dark.matches ? "dark" : "light";
    try { dataset.theme = localStorage.getItem(KEY) ?? dataset.theme; } catch { /* private browsing */ }
  };
  apply();
  dark.onchange = apply;
  addEventListener("click", ({ target }) => {
    if (!(/** @type {Element} */ (target).matches(".theme-toggle"))) return;
    dataset.theme = dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem(KEY, dataset.theme); } catch { /* private browsing */ }
  });
})();
