// @ts-check
// Draws Mermaid diagrams when they come near the view. Without Mermaid's script, which comes with Quarto, they stay
// source text, with a note that says why.

typedwiki.whenSeen(".tw-mermaid", async (box) => {
  const { make, say } = typedwiki;
  const source = box.querySelector("pre");
  if (!window.typedwikiWords.diagrams) {
    box.append(make("p", { className: "tw-mermaid-why" }, say("not-drawn")));
    return;
  }
  await typedwiki.data("mermaid.min.js");
  const name = `tw-diagram-${[...document.querySelectorAll(".tw-mermaid")].indexOf(box)}`;
  const canvas = make("div", { className: "tw-mermaid-drawn" });
  async function draw() {
    const { color, backgroundColor: background, fontFamily } = getComputedStyle(document.body);
    const [line, soft] = ["--tw-mermaid-line", "--tw-mermaid-box"].map((variable) => getComputedStyle(box).getPropertyValue(variable).trim());
    const themeVariables = {
      darkMode: document.body.matches(".quarto-dark, [data-theme=dark] *"), fontFamily, background, lineColor: line, textColor: color,
      primaryColor: soft, primaryTextColor: color, primaryBorderColor: line, secondaryColor: soft, tertiaryColor: background,
      edgeLabelBackground: background, noteBkgColor: soft, noteTextColor: color, titleColor: color,
    };
    mermaid.initialize({ startOnLoad: false, securityLevel: "strict", suppressErrorRendering: true, theme: "base", themeVariables, fontFamily });
    const { svg } = await mermaid.render(name, source.textContent);
    canvas.innerHTML = svg;
    Object.assign(canvas.firstElementChild, { role: "img", ariaLabel: say("diagram") });
    // A wide diagram scrolls rather than shrinks until nobody can read it.
    canvas.firstElementChild.style.minWidth = `${0.7 * canvas.firstElementChild.viewBox.baseVal.width}px`;
    if (!canvas.isConnected) source.replaceWith(canvas);
  }
  await draw().catch(() => undefined); // on an error, the source text stays
  if (canvas.isConnected) typedwiki.onTheme(() => void draw());
});
