// @ts-check
// Remembers which Workflow the reader follows, and links to the next page on the pages of its path.

(() => {
  const { make, noteAt, recall, keep, say } = typedwiki;
  const [KEY, WHERE] = /** @type {const} */ (["along", "sessionStorage"]);
  const here = noteAt(location.href);
  const strip = document.querySelector(".tw-strip");
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));

  /** @param {string} workflow */
  async function show(workflow) {
    const wiki = await typedwiki.pages();
    const path = wiki.paths.find(([first]) => wiki.name(first) === workflow) ?? [];
    const at = path.indexOf(wiki.find(here));
    if (at < 0) return;
    const leave = make("button", { type: "button", onclick: () => {
      keep(KEY, "", WHERE);
      bar.remove();
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
    } }, say("leave"));
    const bar = make("nav", { className: "tw-along", ariaLabel: say("reading-path") },
      make("p", {}, `${say("along")} `, wiki.link(path[0]), `: ${say("at", { n: at + 1, total: path.length })} `, leave));
    if (at) bar.append(make("p", { className: "tw-previous" }, `‹ ${say("previous-page")}`, wiki.link(path[at - 1], "prev")));
    if (at + 1 < path.length) bar.append(make("p", { className: "tw-next" }, say("next-page"), wiki.link(path[at + 1], "next"), " ›"));
    main.append(bar);
  }

  const along = recall(KEY, WHERE);
  if (along && strip) void show(along);
  // The note of this page's Workflow, if it is the page of a reading path.
  const link = here.startsWith("path/") ? strip?.querySelector("a.tw-link")?.getAttribute("href") : "";
  const leading = strip?.querySelector(".tw-path-link") ? here : link && noteAt(link);
  if (leading) {
    addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a.tw-link")) keep(KEY, leading, WHERE);
    });
  }
})();
