// @ts-check
// Full-text search by Pagefind in a dialog. Without an index the search is Quarto's own: see results.js.

(() => {
  const MOST = 20; // results shown
  const PAUSE = 150; // milliseconds without a key before a search

  const flag = getComputedStyle(document.documentElement).getPropertyValue("--tw-search");
  if (!flag && !document.querySelector(".tw-search-open")) return void typedwiki.use("results.js");

  const { make, root } = typedwiki;
  const says = "Search the notes";
  const input = make("input", { role: "searchbox", placeholder: says, ariaLabel: says, oninput });
  const selects = ["type", "domain", "namespace"].map((name) => make("select", { name, ariaLabel: name, hidden: true, onchange: search }));
  const close = make("button", { onclick: () => dialog.close() }, "Close");
  const status = make("p", { role: "status" });
  const list = make("ol");
  const dialog = make("dialog", { className: "tw-search", ariaLabel: "Search", closedBy: "any", onkeydown },
    make("div", { className: "tw-search-head" }, input, close, ...selects), status, list);

  /** @type {Pagefind | undefined} */
  let pagefind;
  let timer = 0;
  let turn = 0; // a slow answer must not replace that to a later question

  /** @param {Event} event */
  async function open(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
    input.select();
    if (pagefind) return;
    try {
      /** @type {Pagefind} */
      const loaded = await import(`${root}pagefind/pagefind.js`);
      await loaded.filters(); // else answers have no counts
      pagefind = loaded;
      await search();
    } catch (error) {
      const explore = make("a", { href: `${root}notes/wiki/explore.html` }, "Explore");
      const why = location.protocol === "file:" ? "needs a server, such as python -m http.server -d _site" : `has no index: ${error}`;
      status.replaceChildren(`Full-text search ${why}. `, explore, " filters titles and overviews without it.");
    }
  }

  async function search() {
    if (!pagefind) return;
    const { search } = pagefind;
    const mine = ++turn;
    const term = input.value.trim() || null;
    /** The answer as if one facet were not chosen. @param {string} [without] */
    const ask = (without) => {
      const chosen = selects.filter(({ name, value }) => value && name !== without);
      return search(term, { filters: Object.fromEntries(chosen.map(({ name, value }) => [name, value])) });
    };
    const { results } = await ask();
    const answers = await Promise.all(selects.map(({ name }) => ask(name)));
    const asked = term || selects.some(({ value }) => value);
    const hits = await Promise.all(results.slice(0, asked ? MOST : 0).map((result) => result.data()));
    if (mine !== turn) return;
    selects.forEach((select, i) => offer(select, answers[i].filters[select.name] ?? {}));
    const rest = asked && results.length > MOST ? `, the first ${MOST} shown` : "";
    status.textContent = `${results.length} note${results.length === 1 ? "" : "s"}${rest}`;
    list.replaceChildren(...hits.map(item));
  }

  /** Show the values of a facet that lead to notes. @param {HTMLSelectElement} select @param {Record<string, number>} counts */
  function offer(select, counts) {
    const { name, value } = select;
    const names = Object.keys(counts).filter((key) => counts[key] || key === value).sort((a, b) => a.localeCompare(b));
    select.replaceChildren(new Option(`Any ${name}`, ""), ...names.map((key) => new Option(`${key} (${counts[key]})`, key)));
    select.value = value;
    select.hidden = !names.length;
  }

  /** @param {Hit} hit */
  function item({ raw_url, excerpt, meta, sub_results }) {
    const href = root + raw_url.slice(1);
    const part = sub_results.find(({ url }) => url.includes("#"));
    const section = part ? [make("a", { href: href + part.url.replace(/.*#/, "#") }, part.title), ": "] : [];
    // An excerpt is HTML: of it only text and marks are taken.
    const { childNodes } = new DOMParser().parseFromString(part?.excerpt ?? excerpt, "text/html").body;
    const text = [...childNodes].map(({ nodeName, textContent }) => (nodeName === "MARK" ? make("mark", { textContent }) : textContent ?? ""));
    return make("li", { className: `tw-${meta.type?.toLowerCase().replace(/[^a-z0-9]+/g, "-")}` },
      make("a", { href, className: "tw-hit" }, meta.title ?? ""), " ",
      make("span", {}, meta.type ?? ""), " ", meta.namespace ?? "",
      make("p", {}, meta.overview ?? ""), ...(input.value.trim() ? [make("p", {}, ...section, ...text)] : []));
  }

  function oninput() {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.findIndex((stop) => stop === event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (at >= 0 && step) stops[at + step]?.focus();
    else if (at === 0 && event.key === "Enter") stops[1]?.click();
    else return;
    event.preventDefault();
  }

  // In the capturing phase: before Quarto's own search hears of it.
  addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("#quarto-search, .tw-search-open")) void open(event);
  }, true);
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    const within = /** @type {Element} */ (event.target).closest("input, select, textarea, dialog, [contenteditable]");
    if (/^[fs/]$/.test(key) && !ctrlKey && !metaKey && !altKey && !within) void open(event);
  }, true);
})();
