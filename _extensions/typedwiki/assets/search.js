// @ts-check
// The search dialog, opened by a call. It queries find.js, and loads nothing before it is opened.

const typedwikiSearch = (() => {
  const MOST = 20; // hits shown
  const AT_ONCE = 8; // hits that fit into a window, shown first
  const RECENT = 8;
  const AFTER = 100; // milliseconds from the hits to what costs more: counts of the facets, similar titles
  const { make, one, root, recall, keep, index, say } = typedwiki;
  /** Label of each facet, and its text if no value is chosen. @type {Record<string, [string, string]>} */
  const FACETS = { type: [say("type"), say("any-type")], domain: [say("domain"), say("any-domain")], namespace: [say("namespace"), say("any-namespace")] };
  document.body.insertAdjacentHTML("beforeend", `<dialog class="tw-search" aria-label="${say("search")}" closedby="any">
    <form method="dialog" class="tw-search-head" role="search">
      <input type="search" role="searchbox" placeholder="${say("search-all")}" aria-label="${say("search-all")}" autocomplete="off" autocapitalize="off" spellcheck="false"><button>${say("close")}</button>
      ${Object.entries(FACETS).map(([name, [label]]) => `<select name="${name}" aria-label="${label}" hidden></select>`).join("")}
    </form><p role="status"></p><p class="tw-search-hint" hidden></p><ol role="list"></ol></dialog>`);
  const dialog = one(".tw-search");
  const [form, input, status, hint, list] = ["form", "input", "[role=status]", ".tw-search-hint", "ol"].map((part) => dialog.querySelector(part));
  /** @type {HTMLSelectElement[]} */
  const selects = [...form.querySelectorAll("select")];
  const slug = (/** @type {string} */ type) => `tw-${type.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  const explore = () => make("a", { href: `${root}notes/wiki/explore.html` }, say("explore-lists"));

  let turn = 0; // only the last search may show its results
  /** The state of the results, and their query. @type {{ of?: string, done?: Promise<void> }} */
  let shown = {};
  /** The pages of each value of each facet. @type {Record<string, Record<string, Uint32Array>> | undefined} */
  let facets;
  /** Functions that add the excerpt of a hit when it comes into view. @type {WeakMap<Element, () => void>} */
  const excerpts = new WeakMap();
  const visible = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      visible.unobserve(target);
      excerpts.get(target)?.();
    }
  }, { root: /** @type {any} */ (dialog) });

  /** @type {[string, string, string][]} */
  const recent = JSON.parse(recall(`recent ${root}`) || "[]");
  const here = location.href.replace(/[?#].*/, "").replace(root, "");

  async function open() {
    if (dialog.open) return input.select();
    dialog.showModal();
    input.value ||= recall(`query ${root}`, "sessionStorage");
    input.select();
    await search();
  }

  function search() {
    const key = [input.value.trim(), ...selects.map(({ value }) => value)].join("\0");
    if (shown.of !== key) {
      shown = { of: key, done: answer(input.value.trim()).catch(() => status.replaceChildren(`${say("no-index")} `, explore())) };
    }
    return shown.done;
  }

  /** @param {string} term */
  async function answer(term) {
    const mine = ++turn;
    list.ariaBusy = "true";
    keep(`query ${root}`, term, "sessionStorage");
    const late = setTimeout(() => {
      if (mine !== turn) return;
      status.textContent = term ? say("looking", { query: term }) : say("opening");
      list.replaceChildren();
    }, 100);
    const chosen = selects.filter(({ value }) => value);
    const [{ pages }, asked] = await typedwiki.use("terms.js", "postings.js", "find.js", "excerpt.js") // the reader may type before they are loaded
      .then(() => Promise.all([index("meta"), term ? typedwikiFind.ask(term) : undefined, chosen.length && readFacets()]))
      .finally(() => clearTimeout(late));
    if (mine !== turn) return;
    const every = asked?.hits ?? Array.from({ length: chosen.length ? pages : 0 }, (_, page) => page);
    const within = chosen.map(({ name, value }) => flags(facets?.[name][value] ?? [], pages));
    const hits = within.length ? every.filter((page) => within.every((has) => has[page])) : every;
    tell(term, asked, hits, pages, chosen.length > 0);
    const items = (/** @type {number[]} */ some) => Promise.all(some.map(async (page) => {
      const li = item(await typedwikiIndexed.face(page), term, asked?.lacks(page) ?? [], asked);
      if (asked) excerpts.set(li, () => void typedwikiExcerpt.add(li, page, term, asked.words));
      return li;
    }));
    const first = await items(hits.slice(0, AT_ONCE));
    if (mine !== turn) return;
    list.replaceChildren(...(term || chosen.length ? first : recent.filter(([path]) => path !== here).slice(0, RECENT).map(([path, title, type]) =>
      make("li", { className: slug(type) }, make("a", { href: root + path, className: "tw-hit" }, title), " ", make("span", {}, type)))));
    list.ariaBusy = "false";
    visible.disconnect();
    first.forEach((li) => visible.observe(li));
    setTimeout(() => {
      if (mine !== turn) return;
      if (asked && !hits.length) void offer(term, mine);
      void count(mine, asked && every);
    }, AFTER);
    const rest = await items(hits.slice(AT_ONCE, MOST));
    if (mine !== turn) return;
    list.append(...rest);
    rest.forEach((li) => visible.observe(li));
  }

  /** @type {(term: string, asked: Asked | undefined, hits: number[], pages: number, filtered: boolean) => void} */
  function tell(term, asked, hits, pages, filtered) {
    const whole = asked ? hits.filter(asked.isWhole).length : hits.length;
    const rest = hits.length > MOST ? say("first-shown", { some: MOST }) : "";
    const partly = hits.length > whole ? say(whole ? "and-partly" : "only-partly", { some: hits.length - whole }) : "";
    if (term || filtered) status.textContent = say("pages", { n: whole }) + partly + rest;
    else status.textContent = say("pages", { n: pages }) + (recent.some(([path]) => path !== here) ? `. ${say("have-read")}` : "");
    const meant = asked?.meant.map(([from, to]) => `${say("meant", { from, to })} `) ?? [];
    const unknown = asked?.unknown.map((word) => `${say("unknown", { word })} `) ?? [];
    hint.replaceChildren(...meant, ...unknown);
    hint.hidden = !meant.length && !unknown.length;
  }

  /** Offers alternatives if nothing was found. @type {(term: string, mine: number) => Promise<void>} */
  async function offer(term, mine) {
    const near = await Promise.all((await typedwikiFind.nearest(term)).map(typedwikiIndexed.face));
    if (mine !== turn) return;
    const links = near.flatMap(([name, title], i) => [i ? ", " : `${say("nearest")} `, make("a", { href: `${root}notes/${name}.html` }, title)]);
    hint.append(...links, links.length ? ". " : "", explore());
    hint.hidden = false;
  }

  /** @type {(face: string[], term: string, lacks: string[], asked?: Asked) => any} */
  function item([name, title, type, namespace, overview], term, lacks, asked) {
    const { marked } = typedwikiFind;
    return make("li", { className: slug(type) },
      make("a", { href: typedwikiExcerpt.address(name, term), className: "tw-hit" }, ...marked(title, asked?.words)), " ", make("span", {}, type), " ", namespace,
      make("p", {}, ...marked(overview, asked?.words)),
      ...(lacks.length ? [make("p", { className: "tw-lacks" }, `${say("without")} `, ...lacks.flatMap((word, i) => [i ? ", " : "", make("s", {}, word)]))] : []));
  }

  async function readFacets() {
    /** @type {Record<string, Record<string, string>>} */
    const written = facets ? {} : await index("facets");
    facets ??= Object.fromEntries(Object.entries(written).map(([name, values]) => [name, Object.fromEntries(
      Object.entries(values).map(([value, postings]) => {
        const { pages, count } = typedwikiIndexed.decoded(postings);
        return [value, pages.slice(0, count)];
      }))]));
  }

  /** Returns 1 for each page of a list, 0 for the others. @type {(some: ArrayLike<number>, pages: number) => Uint8Array} */
  function flags(some, pages) {
    const has = new Uint8Array(pages);
    for (let i = 0; i < some.length; i++) has[some[i]] = 1;
    return has;
  }

  /** Fills each facet with the values that have notes. @type {(mine: number, hits?: number[]) => Promise<void>} */
  async function count(mine, hits) {
    const { facets: numbers, pages } = await index("meta");
    const found = hits ? [flags(hits, pages)] : [];
    if (hits || selects.some(({ value }) => value)) await readFacets();
    if (mine !== turn) return;
    for (const select of selects) {
      const { name, value } = select;
      const others = selects.filter((other) => other !== select && other.value).map((other) => flags(facets?.[other.name][other.value] ?? [], pages));
      const within = [...found, ...others];
      /** @type {[string, number][]} */
      const counts = !within.length ? Object.entries(numbers[name]) : Object.entries(facets?.[name] ?? {}).map(([key, some]) =>
        [key, some.filter((page) => within.every((has) => has[page])).length]);
      const names = counts.filter(([key, count]) => count || key === value).sort(([a], [b]) => a.localeCompare(b));
      select.replaceChildren(new Option(FACETS[name][1], ""), ...names.map(([key, count]) => new Option(`${key} (${count})`, key)));
      select.value = value;
      select.hidden = !names.length;
    }
  }

  form.oninput = (/** @type {InputEvent} */ event) => { if (!event.isComposing) void search(); };
  input.addEventListener("compositionend", () => void search());
  form.onsubmit = (/** @type {SubmitEvent} */ event) => { if (!event.submitter) event.preventDefault(); };
  dialog.onkeydown = async (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const stops = [input, ...list.querySelectorAll("a, summary")].filter((stop) => stop === input || stop.checkVisibility?.() !== false);
    const at = stops.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[String(event.key)];
    if (at >= 0 && step) {
      event.preventDefault();
      stops[at + step]?.focus();
    } else if (at === 0 && event.key === "Enter") {
      event.preventDefault();
      await search(); // the current query, not the one shown
      list.querySelector(".tw-hit")?.click();
    }
  };
  list.onclick = async (/** @type {MouseEvent} */ event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || link.pathname !== location.pathname || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    dialog.close();
    history.pushState(null, "", link.href);
    await typedwiki.use("marks.js");
    await typedwikiMarks(new URL(link.href).searchParams.get("q") ?? "");
  };

  return open;
})();
