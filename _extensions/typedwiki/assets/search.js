// @ts-check
// Full-text search by Pagefind in a dialog. Without an index the search is Quarto's own: see results.js.

(() => {
  const MOST = 20; // results shown
  const PAUSE = 150; // milliseconds without a change

  const flag = getComputedStyle(document.documentElement).getPropertyValue("--tw-search");
  if (!flag && !document.querySelector(".tw-search-open")) return void typedwiki.use("results.js");

  const { make, one, root } = typedwiki;
  document.body.insertAdjacentHTML("beforeend", `<dialog class="tw-search" aria-label="Search" closedby="any">
    <form method="dialog" class="tw-search-head">
      <input role="searchbox" placeholder="Search the notes" aria-label="Search the notes"><button>Close</button>
      ${["type", "domain", "namespace"].map((name) => `<select name="${name}" aria-label="${name}" hidden></select>`).join("")}
    </form><p role="status"></p><ol></ol></dialog>`);
  const dialog = one(".tw-search");
  const [form, input, status, list] = ["form", "input", "p", "ol"].map((part) => dialog.querySelector(part));
  const selects = [...form.querySelectorAll("select")];

  /** @type {Promise<Pagefind> | undefined} */
  let pagefind;
  let timer = 0;
  let turn = 0; // of which only the last may answer

  /** @param {Event} event */
  async function open(event) {
    event.preventDefault();
    event.stopPropagation();
    dialog.showModal();
    input.select();
    if (pagefind) return;
    try {
      await (pagefind = load());
      await search();
    } catch (error) {
      pagefind = undefined;
      const explore = make("a", { href: `${root}notes/wiki/explore.html` }, "Explore");
      const why = location.protocol === "file:" ? "needs a server, such as python -m http.server -d _site" : `has no index: ${error}`;
      status.replaceChildren(`Full-text search ${why}. `, explore, " filters titles and overviews without it.");
    }
  }

  async function load() {
    const loaded = await import(`${root}pagefind/pagefind.js`);
    try {
      const parts = await fetch(`${root}pagefind/parts.json`);
      for (const part of await parts.json()) await loaded.mergeIndex(`${root}pagefind/${part}/`);
      await loaded.filters(); // or answers have no counts
    } catch (error) {
      await loaded.destroy(); // or parts would merge twice
      throw error;
    }
    return loaded;
  }

  // Letters of these scripts are words of their own in the index: see fulltext.py.
  const run = "[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\uff01-\uff0f\uff1a-\uff1f]"; // with their punctuation
  const [between, inserted] = [`(?<=\\S)(?=${run})|(?<=${run})(?=[\\p{L}\\p{N}])`, `(?<=${run}(?:</mark>)?) (?=(?:<mark>)?${run})|\u2060`]
    .map((pattern) => new RegExp(pattern, "gu"));
  const joined = (/** @type {string} */ text) => text.replace(inserted, "");

  async function search() {
    if (!pagefind) return;
    const { search } = await pagefind;
    const mine = ++turn;
    const term = input.value.trim();
    const spaced = term.replace(between, " ");
    let wanted = spaced === term || /\s/.test(term) ? spaced : `"${spaced}"`; // a phrase
    const chosen = selects.filter(({ value }) => value);
    /** The answer as if one facet were not chosen. @param {HTMLSelectElement} [without] */
    const ask = (without) => search(wanted || "\ua66e", { // a word of every note: see fulltext.py
      filters: Object.fromEntries(chosen.filter((select) => select !== without).map(({ name, value }) => [name, value])),
    });
    const asking = () => Promise.all([undefined, ...selects].map(ask));
    let [{ results }, ...answers] = await asking();
    // Pagefind misses a phrase with a letter that the index also has with a mark, or without: か and が.
    if (!results.length && wanted !== spaced && /\p{scx=Kana}|\p{scx=Hira}/u.test(term)) {
      wanted = spaced;
      [{ results }, ...answers] = await asking();
    }
    const asked = term || chosen[0];
    const hits = await Promise.all(results.slice(0, asked ? MOST : 0).map((result) => result.data()));
    if (mine !== turn) return;
    // A facet offers the values that lead to notes.
    selects.forEach((select, i) => {
      const { name, value } = select;
      const counts = answers[i].filters[name] ?? {};
      const names = Object.keys(counts).filter((key) => counts[key] || key === value).sort((a, b) => a.localeCompare(b));
      select.replaceChildren(new Option(`Any ${name}`, ""), ...names.map((key) => new Option(`${key} (${counts[key]})`, key)));
      select.value = value;
      select.hidden = !names.length;
    });
    const rest = asked && results.length > MOST ? `, the first ${MOST} shown` : "";
    status.textContent = `${results.length} note${results.length === 1 ? "" : "s"}${rest}`;
    list.replaceChildren(...hits.map((hit) => item(hit, term)));
  }

  /** @param {Hit} hit @param {string} term */
  function item({ raw_url, excerpt, meta: { title = "", type = "", namespace = "", overview = "" }, sub_results }, term) {
    const href = root + raw_url.slice(1);
    const part = sub_results.find(({ url }) => url.includes("#"));
    const section = part ? [make("a", { href: href + part.url.replace(/.*#/, "#") }, joined(part.title)), ": "] : [];
    // An excerpt is HTML: of it only text and marks are taken.
    const { childNodes } = new DOMParser().parseFromString(joined(part?.excerpt ?? excerpt), "text/html").body;
    const text = [...childNodes].map(({ nodeName, textContent }) => (nodeName === "MARK" ? make("mark", { textContent }) : (textContent ?? "").replace(/\s*\ua66e\.?/, "")));
    return make("li", { className: `tw-${type.toLowerCase().replace(/[^a-z0-9]+/g, "-")}` },
      make("a", { href, className: "tw-hit" }, joined(title)), " ", make("span", {}, type), " ", namespace,
      make("p", {}, overview), ...(term ? [make("p", {}, ...section, ...text)] : []));
  }

  form.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  };
  dialog.onkeydown = (event) => {
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[String(event.key)];
    if (at >= 0 && step) stops[at + step]?.focus();
    else if (at === 0 && event.key === "Enter") stops[1]?.click();
    else return;
    event.preventDefault();
  };

  // Captured: before Quarto's own search hears of it.
  addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("#quarto-search, .tw-search-open")) void open(event);
  }, true);
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    const within = /** @type {Element} */ (event.target).closest("input, select, textarea, dialog, [contenteditable]");
    if (/^[fs/]$/.test(key) && !ctrlKey && !metaKey && !altKey && !within) void open(event);
  }, true);
})();
