// @ts-check
// The draft's theme: the reader's choice, else the system's. Runs before anything is painted.

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try { return localStorage.getItem("typedwiki-theme"); } catch { return null; }
  };
  const apply = () => { root.dataset.theme = stored() ?? (dark.matches ? "dark" : "light"); };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector(".theme-toggle")?.addEventListener("click", () => {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("typedwiki-theme", next); } catch { /* private browsing */ }
      root.dataset.theme = next;
    });
  });
})();
