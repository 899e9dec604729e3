// @ts-check
// The draft's copy buttons on code; Quarto's pages have their own.

addEventListener("DOMContentLoaded", () => {
  if (!navigator.clipboard) return;
  for (const pre of document.querySelectorAll("main pre")) {
    const code = pre.querySelector("code");
    if (!code) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: "Copy" });
    button.setAttribute("aria-label", "Copy to clipboard");
    button.onclick = async () => {
      await navigator.clipboard.writeText(code.textContent?.trimEnd() ?? "");
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    };
    pre.before(button);
  }
});
