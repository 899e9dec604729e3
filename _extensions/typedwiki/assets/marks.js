// @ts-check
// Marks the words of a query on a page opened from the search, with buttons for the next mark and to clear all.

const typedwikiMarks = (() => {
  const { make, say } = typedwiki;
  let clear = () => {};

  /** Opens collapsed elements around an element. @param {Element} element */
  function unfold(element) {
    for (let around = element.parentElement; around; around = around.parentElement) {
      if (around instanceof HTMLDetailsElement) around.open = true;
      if (around.matches(".collapse:not(.show)")) {
        around.classList.add("show");
        document.querySelector(`[data-bs-target=".${around.classList[0]}"], [aria-controls="${around.id}"]`)?.setAttribute("aria-expanded", "true");
      }
      if (around.matches(".tab-pane:not(.active)")) /** @type {HTMLElement | null} */ (document.querySelector(`[aria-controls="${around.id}"]`))?.click();
    }
  }

  /** @param {string} query */
  return async (query) => {
    clear();
    const main = document.querySelector("main");
    if (!query || !main) return;
    const { words } = await typedwikiFind.ask(query);
    for (const quartos of main.querySelectorAll("mark.search-match")) quartos.replaceWith(...quartos.childNodes);
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement?.closest("nav, script, style, svg, math, button, select, textarea, .tw-graph, .tw-strip, [hidden]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const texts = [];
    while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
    for (const text of texts) {
      const nodes = typedwikiFind.marked(text.data, words);
      if (nodes.length > 1) text.replaceWith(...nodes.map((node) => {
        if (node instanceof Element) node.className = "tw-mark";
        return node;
      }));
    }
    const marks = [...main.querySelectorAll(".tw-mark")];
    if (!marks.length) return;
    marks.forEach(unfold);
    const anchor = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let at = anchor ? marks.findIndex((mark) => anchor.contains(mark) || anchor.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING) : 0;
    at = Math.max(at, 0);
    const place = make("span", { role: "status" });
    /** @param {number} step @param {boolean} [moves] */
    const go = (step, moves = true) => {
      marks[at].classList.remove("tw-mark-here");
      at = (at + step + marks.length) % marks.length;
      marks[at].classList.add("tw-mark-here");
      place.textContent = say("at", { n: at + 1, total: marks.length });
      if (moves) marks[at].scrollIntoView({ block: "center", behavior: "instant" });
    };
    const bar = make("div", { className: "tw-marks", role: "region", ariaLabel: say("your-words") }, place,
      make("button", { type: "button", onclick: () => go(-1) }, say("previous")), make("button", { type: "button", onclick: () => go(1) }, say("next")),
      make("button", { type: "button", onclick: () => clear() }, say("clear")));
    clear = () => {
      for (const mark of marks) {
        const { parentNode } = mark;
        mark.replaceWith(...mark.childNodes);
        parentNode?.normalize();
      }
      bar.remove();
      const address = new URL(location.href);
      address.searchParams.delete("q");
      history.replaceState(history.state, "", address);
      clear = () => {};
    };
    document.body.append(bar);
    go(0, !anchor);
    if (anchor) anchor.scrollIntoView({ behavior: "instant" });
  };
})();
