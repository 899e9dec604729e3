// @ts-check
// Long lists on the pages about the whole wiki: a filter, and more items on request. The first items are on the page;
// the others come from a data file, as HTML that the build has made.

(() => {
  const STEP = 100; // items to add at a time
  const { make, say } = typedwiki;

  /** @param {any} box */
  async function follow(box) {
    const list = box.querySelector("tbody, ul, ol");
    const first = [...list.children];
    const total = Number(box.dataset.total ?? first.length);
    /** Text and HTML of every item, loaded on demand. @type {Promise<string[]> | undefined} */
    let rest;
    const items = () => (rest ??= box.dataset.file
      ? typedwiki.data(box.dataset.file).then(() => window.typedwikiRows[box.dataset.file])
      : Promise.resolve(first.map(({ outerHTML }) => outerHTML)));
    const plain = (/** @type {string} */ html) => html.replace(/<[^>]*>/g, " ").replace(/&amp;/g, "&").toLowerCase();
    /** @type {string[]} */
    let texts = [];
    let shown = first.length;
    const field = make("input", { type: "search", autocomplete: "off" });
    const state = make("output", { ariaLive: "polite" });
    const more = make("button", { type: "button" });

    async function show(/** @type {number} */ most) {
      const all = await items();
      if (!texts.length) texts = all.map(plain);
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = all.filter((_, i) => words.every((/** @type {string} */ word) => texts[i].includes(word)));
      const template = make("template", { innerHTML: found.slice(0, most).join("") });
      list.replaceChildren(...template.content.children);
      shown = Math.min(most, found.length);
      tell(found.length);
    }
    function tell(/** @type {number} */ found) {
      state.textContent = say("shown", { shown, n: found });
      more.hidden = shown >= found;
      more.textContent = say("show-more", { n: Math.min(STEP, found - shown) });
    }
    field.oninput = () => void show(first.length);
    more.onclick = async () => {
      const before = shown;
      await show(shown + STEP);
      list.children[before]?.querySelector("a")?.focus();
    };
    box.prepend(make("div", { className: "tw-filter-bar", role: "search" }, make("label", {}, `${say("filter")} `, field), state));
    box.append(make("p", { className: "tw-filter-more" }, more));
    tell(total);
    // An address may point to an item that is not on the page yet.
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (wanted && box.dataset.file && !document.getElementById(wanted)) {
      const at = (await items()).findIndex((html) => html.includes(`id="${CSS.escape(wanted)}"`));
      if (at >= 0) { await show(at + 1); document.getElementById(wanted)?.scrollIntoView(); }
    }
  }
  for (const box of document.querySelectorAll(".tw-filter")) void follow(box);
})();
