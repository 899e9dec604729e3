// @ts-check
// Shows a card about the target of a typed link that is hovered or has the focus.

(() => {
  const EDGE = 8; // pixels from the window's sides
  const DELAY = 300; // milliseconds before a card appears or disappears

  const card = typedwiki.make("div", {
    id: "tw-preview",
    role: "tooltip",
    onpointerenter: () => clearTimeout(timer),
    onpointerleave: leave,
  });

  /** The link that has the card, or will get it. @type {HTMLAnchorElement | undefined} */
  let link;
  let timer = 0;

  /** @param {any} event @returns {HTMLAnchorElement | undefined} */
  const linkOf = ({ target }) => target.closest?.("a.tw-link");

  /** Places the card at the line of the link under the pointer. @param {HTMLAnchorElement} wanted @param {number} [y] */
  async function show(wanted, y = 0) {
    hide();
    if (typedwiki.noteAt(wanted.href) === typedwiki.noteAt(location.href)) return;
    link = wanted;
    const wiki = await typedwiki.pages();
    const page = wiki.find(wanted.href);
    if (link !== wanted || page < 0) return;
    card.replaceChildren(...wiki.about(page));
    wanted.setAttribute("aria-describedby", card.id);
    document.body.append(card);

    const lines = [...wanted.getClientRects()];
    const box = lines.find(({ top, bottom }) => top <= y && y <= bottom) ?? lines[0];
    const { clientWidth, clientHeight } = document.documentElement;
    const above = box.bottom + card.offsetHeight > clientHeight && box.top > clientHeight - box.bottom;
    const left = Math.max(EDGE, Math.min(box.left, clientWidth - card.offsetWidth - EDGE));
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(above ? box.top - card.offsetHeight : box.bottom) + scrollY}px`;
  }

  function hide() {
    clearTimeout(timer);
    link?.removeAttribute("aria-describedby");
    link = undefined;
    card.remove();
  }

  /** Hides the card late, because the pointer may be moving to or from it. */
  function leave() {
    clearTimeout(timer);
    if (!link?.matches(":focus-visible")) timer = setTimeout(hide, DELAY);
  }

  addEventListener("pointerover", (event) => {
    const over = linkOf(event);
    if (!over || event.pointerType === "touch") return;
    clearTimeout(timer);
    if (over !== link) timer = setTimeout(show, DELAY, over, event.clientY);
  });
  addEventListener("pointerout", (event) => { if (linkOf(event)) leave(); });
  addEventListener("focusin", (event) => {
    const focused = linkOf(event);
    if (focused?.matches(":focus-visible")) void show(focused);
  });
  addEventListener("focusout", (event) => { if (linkOf(event) === link) hide(); });
  addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });
  addEventListener("click", ({ target }) => { if (!card.contains(target)) hide(); });
})();
