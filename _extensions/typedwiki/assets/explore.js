// @ts-check
// The Explore page. Its state is the query of its address; of its list only what is in view is drawn.

void typedwiki.pages().then(async (wiki) => {
  const { make, one } = typedwiki;
  const { add, find, words } = typedwikiMatch;
  const MOST = 8; // values of a facet shown at first
  const AROUND = 5; // rows drawn above and below the view, so that Tab finds the next

  const facets = typedwikiFacets.facets(wiki, Date.now());
  const totals = typedwikiFacets.show(wiki, facets, new URLSearchParams()).counts;
  const index = { words: new Map(), titles: [] };
  const root = one(".tw-explore");
  const [text, order, panel, chips, state, hint, list, pattern] =
    ["input", "select", "details", ".tw-chips", ".tw-state", ".tw-hint", "ol", "li"].map((part) => root.querySelector(part));
  const wide = matchMedia("(min-width: 60rem)");
  let view = new URLSearchParams(location.search);
  let pages = [...wiki.pages.keys()];
  let height = 0;
  let timer = 0;

  /** @type {(count: number, name: string) => string} */
  const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
  /** A button that goes away with its click. @type {(label: string, act: () => void) => Part} */
  const button = (label, act) => make("button", { type: "button", onclick: () => {
    act();
    (chips.firstChild ?? text).focus();
  } }, label);

  /** For each facet, what shows how many notes its values have. */
  const fills = facets.map(({ key, values }, f) => {
    const field = panel.querySelector(`fieldset[name=${key}]`);
    const [, box, more] = field.children;
    const used = [...values.keys()].filter((value) => totals[f][value]);
    const lines = values.map(([name, label], value) => totals[f][value] && make("label", {},
      make("input", { type: "checkbox", name: key, value: name }), make("span", {}, label), make("span")));
    let most = MOST;
    field.hidden = used.length < 2;
    more.hidden = used.length <= MOST;
    more.onclick = () => { most = most > MOST ? MOST : Infinity; update(); };
    return (/** @type {number[]} */ counts) => {
      // A long facet begins with what is most frequent now.
      if (!more.hidden) used.sort((a, b) => counts[b] - counts[a] || totals[f][b] - totals[f][a] || a - b);
      const shown = used.filter((value, i) => i < most || view.has(key, values[value][0])).map((value) => {
        const [input, , count] = lines[value].children;
        input.checked = view.has(key, input.value);
        count.textContent = counts[value];
        lines[value].className = counts[value] ? "" : "tw-none";
        return lines[value];
      });
      more.textContent = most > MOST ? "Show fewer" : `Show all ${used.length}`;
      const focused = box.querySelector(":focus");
      box.replaceChildren(...shown);
      if (focused) (box.contains(focused) ? focused : more).focus();
    };
  });

  /** @param {number} at */
  function row(at) {
    const page = pages[at];
    const [, , , overview, , domains, , , problems, date, edges] = wiki.pages[page];
    const [type, ...facts] = wiki.facts(page, many(edges, "connection"), date, ...domains.map((domain) => wiki.domains[domain]));
    if (problems) facts.unshift(make("span", { className: "tw-problems" }, many(problems, "problem")));
    return make("li", { className: `tw-item ${wiki.slug(page)}`, ariaPosInSet: at + 1, ariaSetSize: pages.length, style: `top: ${at * height}px` },
      make("h2", { className: "tw-item-title" }, wiki.link(page)),
      make("p", { className: "tw-item-text" }, overview),
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
    const { scores, meant } = find(index, query);
    const found = typedwikiFacets.show(wiki, facets, view, scores);
    pages = found.pages;
    text.value = query;
    order.value = view.get("sort") ?? "";
    fills.forEach((fill, f) => fill(found.counts[f]));
    const chosen = [...panel.querySelectorAll(":checked")].map((box) =>
      button(`${box.closest("fieldset").firstChild.textContent}: ${box.nextSibling.textContent}`, () => box.click()));
    chips.replaceChildren(...chosen, ...(chosen[0] ? [button("Clear all", change)] : []));
    state.textContent = `${pages.length} of ${many(wiki.pages.length, "note")}`;
    hint.replaceChildren();
    if (!pages.length) hint.append("No note fits. ", button("Clear all filters", change), " ");
    if (meant && meant !== words(query).join(" ")) {
      if (scores?.some(Boolean)) hint.append(`No note says “${query}”; this is for “${meant}”.`);
      else hint.append("Did you mean ", button(meant, () => { view.set("q", meant); change(view); }), "?");
    }
    list.replaceChildren(pattern);
    height = pattern.offsetHeight;
    list.style.height = `${height * pages.length}px`;
    draw();
  }

  /** Shows a view, without one everything, and puts it into the address. */
  function change(wanted = new URLSearchParams(), typed = false) {
    view = wanted;
    update();
    if (root.getBoundingClientRect().top < 0) root.scrollIntoView({ behavior: "instant" });
    const address = view.size ? `?${view}` : location.pathname;
    clearTimeout(timer);
    // Browsers take only so many addresses a second.
    timer = setTimeout(() => history[typed ? "replaceState" : "pushState"](null, "", address), typed ? 250 : 0);
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
  // Back from a note finds the place in the list.
  list.onclick = () => history.replaceState({ y: scrollY }, "");
  panel.ontoggle = draw;
  wide.onchange = () => { panel.open = wide.matches; };
  panel.open = wide.matches;
  addEventListener("scroll", draw);
  addEventListener("resize", update);
  addEventListener("popstate", () => { view = new URLSearchParams(location.search); update(); });

  if (!view.get("q")) update();
  for (const [i, [, title, , overview]] of wiki.pages.entries()) {
    add(index, title, overview);
    // A pause now and then: the page answers while it reads.
    if (i % 500 === 499) await new Promise((resume) => setTimeout(resume));
  }
  if (view.get("q")) update();
  if (history.state) scrollTo({ top: history.state.y, behavior: "instant" });
  root.dataset.ready = "true";
});
