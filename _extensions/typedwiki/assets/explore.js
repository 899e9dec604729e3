// @ts-check
// The Explore page. Its state is the query of its address. Only the visible part of its list is drawn.

void typedwiki.pages().then(async (wiki) => {
  const { make, one, index, say, root: site } = typedwiki;
  const MOST = 8; // values of a facet to show at first
  const AROUND = 5; // rows to draw above and below the view, so that Tab finds the next

  const facets = typedwikiFacets.facets(wiki, Date.now());
  const totals = typedwikiFacets.show(wiki, facets, new URLSearchParams()).counts;
  const root = one(".tw-explore");
  const [text, order, panel, chips, state, hint, list, pattern] =
    ["input", "select", "details", ".tw-chips", ".tw-state", ".tw-hint", "ol", "li"].map((part) => root.querySelector(part));
  const wide = matchMedia("(min-width: 60rem)");
  const unasked = order.options[0].text;
  let view = typedwiki.asked;
  if ("notFound" in root.dataset && !view.get("q")) view = new URLSearchParams({ q: lastOf(location.pathname) });
  /** @type {Asked | undefined} */
  let asked;
  /** Words that hits lack, by page. @type {Map<number, string[]>} */
  let lacking = new Map();
  let turn = 0;
  /** @type {Promise<unknown>} */
  let latest = Promise.resolve();
  /** Pages by their number in the index. @type {Promise<number[]> | undefined} */
  let numbers;
  let pages = [...wiki.pages.keys()];
  let height = 0;
  let timer = 0;

  /** Makes a button that disappears when clicked. @type {(label: string, act: () => void) => Part} */
  const button = (label, act) => make("button", { type: "button", onclick: async () => {
    await act();
    (chips.firstChild ?? text).focus();
  } }, label);

  /** Returns a date as notes write it. @param {string} date */
  function inWords(date) {
    const [year, month, day] = date.split("-").map(Number);
    return say("day", { year, month: window.typedwikiWords.months[month - 1], day });
  }

  const useFind = () => typedwiki.use("terms.js", "postings.js", "find.js");
  // Only addresses are parsed: 25,000 take a third of a second.
  const numbered = () => numbers ??= index("names").then((/** @type {string[]} */ names) => names.map((name) =>
    wiki.find(/^[^%]+\/[^%]+$/.test(name) ? name : `${site}notes/${name}.html`)));

  /** Returns the words at the end of an address. @param {string} path */
  function lastOf(path) {
    const last = path.replace(/(\/index)?(\.html)?\/?$/, "").split("/").at(-1) ?? "";
    try { return decodeURIComponent(last).replace(/[_+-]+/g, " "); } catch { return last; }
  }

  /** Queries the index. Returns a score for each page; undefined without a query. @param {string} query */
  async function score(query) {
    await useFind();
    const { hits, isWhole, lacks } = asked = await typedwikiFind.ask(query);
    const page = await numbered();
    const scores = new Float32Array(wiki.pages.length);
    lacking = new Map(hits.filter((hit) => !isWhole(hit)).map((hit) => [page[hit], lacks(hit)]));
    hits.forEach((hit, rank) => { if (page[hit] >= 0) scores[page[hit]] = hits.length - rank; });
    return scores;
  }

  /** For each facet, a function that shows the counts of its values. */
  const fills = facets.map(({ key, values }, f) => {
    const field = panel.querySelector(`fieldset[name=${key}]`);
    const [, box, more] = field.children;
    const used = [...values.keys()].filter((value) => totals[f][value]);
    const lines = values.map(([name, label], value) => totals[f][value] && make("label", {},
      make("input", { type: "checkbox", name: key, value: name }), make("span", {}, label), make("span")));
    let most = MOST;
    field.hidden = used.length < 2;
    more.hidden = used.length <= MOST;
    more.onclick = () => { most = most > MOST ? MOST : Infinity; void update(); };
    return (/** @type {number[]} */ counts) => {
      // A long facet begins with the values that are most frequent now.
      if (!more.hidden) used.sort((a, b) => counts[b] - counts[a] || totals[f][b] - totals[f][a] || a - b);
      const shown = used.filter((value, i) => i < most || view.has(key, values[value][0])).map((value) => {
        const [input, , count] = lines[value].children;
        input.checked = view.has(key, input.value);
        count.textContent = counts[value];
        lines[value].className = counts[value] ? "" : "tw-none";
        return lines[value];
      });
      more.textContent = most > MOST ? say("show-fewer") : say("show-all", { total: used.length });
      const focused = box.querySelector(":focus");
      box.replaceChildren(...shown);
      if (focused) (box.contains(focused) ? focused : more).focus();
    };
  });

  /** @param {number} at */
  function row(at) {
    const page = pages[at];
    const [, , , overview, , domains, , , problems, date, edges] = wiki.pages[page];
    const [type, ...facts] = wiki.facts(page, say("connections", { n: edges }), date && inWords(date), ...domains.map((domain) => wiki.domains[domain]));
    const link = wiki.link(page);
    if (asked) {
      const { marked } = typedwikiFind;
      link.href += `?${new URLSearchParams({ q: view.get("q") ?? "" })}`;
      link.replaceChildren(...marked(link.textContent, asked.words));
      if (lacking.get(page)?.length) facts.unshift(make("span", { className: "tw-lacks" }, say("lacks", { words: lacking.get(page)?.join(", ") ?? "" })));
    }
    if (problems) facts.unshift(make("span", { className: "tw-problems" }, say("problems", { n: problems })));
    return make("li", { className: `tw-item ${wiki.slug(page)}`, ariaPosInSet: at + 1, ariaSetSize: pages.length, style: `top: ${at * height}px` },
      make("h2", { className: "tw-item-title" }, link),
      make("p", { className: "tw-item-text" }, ...(asked ? typedwikiFind.marked(overview, asked.words) : [overview])),
      make("p", { className: "tw-item-facts" }, type, ...facts));
  }

  function draw() {
    const top = -list.getBoundingClientRect().top / height;
    const from = Math.max(0, Math.floor(top) - AROUND);
    const to = Math.min(pages.length, Math.ceil(top + innerHeight / height) + AROUND);
    let next = from;
    for (const item of [...list.children].slice(1)) {
      const at = item.ariaPosInSet - 1;
      if ((at < from || at >= to) && !item.contains(document.activeElement)) item.remove();
      else for (; next <= at && next < to; next++) if (next < at) item.before(row(next));
    }
    for (; next < to; next++) list.append(row(next));
  }

  function update() {
    const query = view.get("q") ?? "";
    return latest = query.trim() ? look(query) : Promise.resolve(show());
  }

  /** @param {string} query */
  async function look(query) {
    const mine = ++turn;
    const late = setTimeout(() => { state.textContent = say("looking", { query }); }, 100);
    let failed = false;
    const scores = await score(query).catch(() => { failed = true; return undefined; });
    clearTimeout(late);
    if (mine !== turn) return;
    show(scores);
    if (failed) hint.append(`${say("no-index")} ${say("all-shown")}`);
    if (asked && !asked.hits.length) await nearest(query, mine);
  }

  /** @param {Float32Array} [scores] */
  function show(scores) {
    if (!scores) { turn++; asked = undefined; }
    const found = typedwikiFacets.show(wiki, facets, view, scores);
    pages = found.pages;
    order.value = view.get("sort") ?? "";
    order.options[0].text = asked ? order.dataset.found : unasked;
    fills.forEach((fill, f) => fill(found.counts[f]));
    const chosen = [...panel.querySelectorAll(":checked")].map((box) =>
      button(`${box.closest("fieldset").firstChild.textContent}: ${box.nextSibling.textContent}`, () => { box.click(); return latest; }));
    chips.replaceChildren(...chosen, ...(chosen[0] ? [button(say("clear-all"), change)] : []));
    state.textContent = say("of-pages", { some: pages.length, n: wiki.pages.length });
    hint.replaceChildren(...(asked?.meant.map(([from, to]) => `${say("meant", { from, to })} `) ?? []), ...(asked?.unknown.map((word) => `${say("unknown", { word })} `) ?? []));
    if (!pages.length) hint.append(`${say("none-fits")} `, button(say("clear-filters"), change), " ");
    list.replaceChildren(pattern);
    height = pattern.offsetHeight;
    list.style.height = `${height * pages.length}px`;
    draw();
  }

  /** @param {string} query @param {number} mine */
  async function nearest(query, mine) {
    const near = await Promise.all((await typedwikiFind.nearest(query)).map(typedwikiIndexed.face));
    if (mine === turn) hint.append(...near.flatMap(([name, title], i) => [i ? ", " : `${say("nearest")} `, make("a", { href: `${site}notes/${name}.html` }, title)]));
  }

  /** Shows a view, or everything without one, and puts it into the address. */
  function change(wanted = new URLSearchParams(), typed = false) {
    view = wanted;
    if (!typed) text.value = view.get("q") ?? "";
    const shown = update();
    if (root.getBoundingClientRect().top < 0) root.scrollIntoView({ behavior: "instant" });
    const address = view.size ? `?${view}` : location.pathname;
    clearTimeout(timer);
    // Browsers limit the number of address changes per second.
    timer = setTimeout(() => history[typed ? "replaceState" : "pushState"](null, "", address), typed ? 250 : 0);
    return shown;
  }

  root.oninput = ({ target: { type, name, value, checked } }) => {
    if (type === "checkbox") view[checked ? "append" : "delete"](name, value);
    else if (value) view.set(name, value);
    else view.delete(name);
    change(view, type === "search");
  };
  root.onkeydown = (event) => {
    const item = event.target.closest("li");
    if (!item && (event.target !== text || event.key !== "ArrowDown")) return;
    const at = item ? item.ariaPosInSet - 1 : -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: pages.length - 1 }[String(event.key)] ?? -1;
    if (!(to in pages)) return;
    event.preventDefault();
    const link = () => list.querySelector(`[aria-posinset="${to + 1}"] a`);
    if (!link()) scrollBy({ top: list.getBoundingClientRect().top + to * height - innerHeight / 2, behavior: "instant" });
    draw();
    link().focus();
  };
  text.onfocus = () => void useFind().then(numbered).catch(console.warn);
  // Going back from a note restores the scroll position.
  list.onclick = () => history.replaceState({ y: scrollY }, "");
  panel.ontoggle = draw;
  wide.onchange = () => { panel.open = wide.matches; };
  panel.open = wide.matches;
  addEventListener("scroll", draw);
  addEventListener("resize", () => void update());
  addEventListener("popstate", () => { view = new URLSearchParams(location.search); text.value = view.get("q") ?? ""; void update(); });

  if (view.get("q")) text.value = view.get("q");
  await update();
  if (history.state) scrollTo({ top: history.state.y, behavior: "instant" });
  root.dataset.ready = "true";
});
