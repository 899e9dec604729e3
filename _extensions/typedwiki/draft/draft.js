// @ts-check
// The draft's theme and copy buttons on code; Quarto's pages have their own. It runs in the head, to set the theme (the
// reader's choice, or else the system's) before anything is painted.

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

  /** Copies text; by a selection if there is no clipboard (without encryption), or if it is refused. @param {string} text */
  async function copy(text) {
    try { return await navigator.clipboard.writeText(text); } catch { /* see above */ }
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    before?.focus({ preventScroll: true });
  }

  addEventListener("click", async ({ target }) => {
    const button = /** @type {HTMLElement} */ (target);
    if (button.matches(".theme-toggle")) {
      dataset.theme = dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem(KEY, dataset.theme); } catch { /* private browsing */ }
    }
    if (!button.matches("button.copy")) return;
    await copy(button.nextElementSibling?.textContent?.trimEnd() ?? "");
    const { copy: label = "Copy", copied = "Copied" } = document.body.dataset;
    button.textContent = copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });

  addEventListener("DOMContentLoaded", () => {
    const label = document.body.dataset.copy ?? "Copy";
    for (const pre of document.querySelectorAll("main pre:has(> code)")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: label });
      button.setAttribute("aria-live", "polite");
      const box = Object.assign(document.createElement("div"), { className: "copied-from" });
      pre.replaceWith(box);
      box.append(button, pre);
    }
  });
})();
