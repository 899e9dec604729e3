// @ts-check
// The only script of ours on every page: loads the others when a page needs them, and holds shared functions.

/** @type {Typedwiki} */
const typedwiki = (() => {
  const here = /** @type {any} */ (document.currentScript).src.replace(/[^/]*$/, "");
  const offset = document.querySelector('meta[name="quarto:offset"]')?.getAttribute("content") || "./";
  const root = new URL(offset, document.baseURI).href.replace(/[?#].*$/, "");
  // Quarto removes `q` from the address before this script runs.
  const { search } = new URL(performance.getEntriesByType("navigation")[0]?.name || location.href);
  if (/[?&]q=/.test(search)) addEventListener("load", () => {
    if (!location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  });

  /** @type {Typedwiki["make"]} */
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  /** @type {Record<string, Promise<unknown>>} */
  const loading = {};
  /** Loads by tag, because pages opened from disk cannot fetch. @param {string} src */
  const load = (src) => (loading[src] ??= new Promise((onload, fail) => {
    const onerror = () => fail(new Error(`${src} could not be loaded`));
    document.head.append(make("script", { src, onload, onerror }));
  }));
  /** @type {Typedwiki["data"]} */
  const data = (name) => load(`${root}notes/assets/${name}`);

  /** @type {Typedwiki["index"]} */
  const index = (name) => load(`${root}search-index/${name}.js`).then(() => window.typedwikiIndex[name]);

  /** @type {Typedwiki["say"]} */
  function say(key, values = {}) {
    const { [key]: text = key } = window.typedwikiWords;
    const [one, many = one] = String(text).split("|");
    return (values.n === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  /** @type {Typedwiki["noteAt"]} */
  function noteAt(url) {
    let path = "";
    try {
      path = new URL(url, location.href).pathname.replace(/\.html$/, "").split("/").slice(-2).join("/").replace(/^notes\//, "note/");
      return decodeURIComponent(path);
    } catch { return path; } // not every link is a valid address
  }

  /** @type {() => Promise<Wiki>} */
  async function read() {
    await Promise.all([data("pages.js"), data("words.js")]);
    const { pages, types, namespaces } = window.typedwikiPages;
    for (const page of pages) page[1] ||= page[0].replaceAll("_", " ");
    const names = pages.map(([stem, , type]) => `${types[type][0]}/${stem}`);
    const numbers = new Map(names.map((name, page) => [name, page]));
    /** @type {Omit<Wiki, keyof WikiData>} */
    const wiki = {
      name: (page) => names[page],
      find: (url) => numbers.get(url) ?? numbers.get(noteAt(url)) ?? -1,
      slug: (page) => `tw-${types[pages[page][2]][0]}`,
      url: (page) => `${root}notes/${names[page].replace(/^note\//, "").split("/").map(encodeURIComponent).join("/")}.html`,
      link: (page, rel = "") => make("a", { href: wiki.url(page), rel, className: `tw-link ${wiki.slug(page)}${pages[page][13] ? " tw-deprecated" : ""}` }, pages[page][1]),
      facts(page, ...more) {
        const [, , type, , space, , , , , , , minutes] = pages[page];
        const rest = [namespaces[1] && namespaces[space], say("minutes-read", { n: minutes }), ...more].filter(Boolean).map((fact) => make("span", {}, fact));
        return [make("span", { className: `tw-badge ${wiki.slug(page)}` }, types[type][1]), ...rest];
      },
      about: (page) => [make("p", {}, ...wiki.facts(page)), make("strong", {}, pages[page][1]), make("p", {}, pages[page][3])],
    };
    return { ...window.typedwikiPages, ...wiki };
  }
  /** @type {Promise<Wiki> | undefined} */
  let wiki;

  return {
    root, make, data, index, noteAt, say,
    asked: new URLSearchParams(search),
    one: (selector) => /** @type {any} */ (document.querySelector(selector)),
    pages: () => (wiki ??= read()),

    async use(...names) {
      for (const name of names) await (name === "words" ? data("words.js") : load(here + name));
    },

    // A failure because the reader has left the page is not an error.
    begin: (...names) => typedwiki.use(...names).catch(console.warn),

    onTheme(changed) {
      // The toggle changes classes of <body> (Quarto, which then loads a style sheet) or an attribute of <html> (draft).
      const follow = new MutationObserver(() => {
        for (const delay of [0, 150, 600]) setTimeout(changed, delay);
      });
      follow.observe(document.body, { attributes: true, attributeFilter: ["class"] });
      follow.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    },

    whenSeen(selector, draw) {
      const watcher = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          watcher.unobserve(target);
          void draw(target).then(() => target.setAttribute("data-drawn", ""));
        }
      }, { rootMargin: "200px" });
      for (const box of document.querySelectorAll(selector)) watcher.observe(box);
    },

    whenNear(selector, ...scripts) {
      const near = new IntersectionObserver((entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        near.disconnect();
        void typedwiki.begin(...scripts);
      }, { rootMargin: "200px" });
      for (const box of document.querySelectorAll(selector)) near.observe(box);
    },

    go: (url, { ctrlKey, metaKey }) => void (ctrlKey || metaKey ? window.open(url) : location.assign(url)),

    recall(key, storage = "localStorage") {
      try { return window[storage].getItem(`typedwiki ${key}`) ?? ""; } catch { return ""; }
    },

    keep(key, value, storage = "localStorage") {
      try { window[storage].setItem(`typedwiki ${key}`, value); } catch { return false; }
      return true;
    },
  };
})();

for (const [selector, ...scripts] of [
  [".tw-path", "words", "path.js"],
  [".tw-figure", "figure.js"],
  [".tw-network", "words", "outline.js", "picture.js"],
  [".tw-explore", "words", "facets.js", "explore.js"],
  [".tw-filter", "words", "filter.js"],
  [".all-pages", "words", "browse.js"],
]) {
  if (document.querySelector(selector)) void typedwiki.begin(...scripts);
}
// Loaded on demand, because many readers never need these.
typedwiki.whenNear(".tw-graph", "words", "drawing.js", "graph.js");
typedwiki.whenNear(".tw-mermaid", "words", "diagram.js");
if (typedwiki.recall("along", "sessionStorage") || document.querySelector(".tw-path-tools, .tw-strip .tw-path-link")) void typedwiki.begin("words", "steps.js");

/** Loads the preview cards at the first hover or focus of a link, then repeats the event. @param {any} event */
const met = async (event) => {
  const link = event.target.closest?.("a.tw-link");
  if (!link) return;
  for (const type of ["pointerover", "focusin"]) removeEventListener(type, met);
  await typedwiki.use("preview.js");
  if (link.matches(":hover, :focus")) event.target.dispatchEvent(new event.constructor(event.type, event));
};
for (const type of ["pointerover", "focusin"]) addEventListener(type, met);

/** Returns whether an event opens the search. @param {any} event */
const opensSearch = ({ target, key, ctrlKey, metaKey, altKey }) => !key ? target.closest("#quarto-search, .tw-search-open")
  : ctrlKey || metaKey ? key.toLowerCase() === "k" && !altKey
  : /^[fs/]$/.test(key) && !altKey && !target.closest("input, select, textarea, dialog, [contenteditable]");
if (document.querySelector("#quarto-search, .tw-search-open")) {
  // Loaded at the reader's first move.
  for (const type of ["pointerover", "focusin", "keydown"]) addEventListener(type, () => void typedwiki.begin("words", "search.js"), { once: true });
  // Captured, to run before Quarto's own search, which a key opens when it is released.
  for (const type of ["click", "keydown", "keyup"]) addEventListener(type, (event) => {
    if (!opensSearch(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (type !== "keyup") void typedwiki.use("words", "search.js").then(() => typedwikiSearch()).catch(console.warn);
  }, true);
}
if (typedwiki.asked.get("q") && !document.querySelector(".tw-explore")) {
  void typedwiki.use("words", "terms.js", "postings.js", "find.js", "marks.js")
    .then(() => typedwikiMarks(typedwiki.asked.get("q") ?? "")).catch(console.warn);
}
/** Facts about the site in types.css, which every page loads. @param {string} name */
const fact = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--tw-${name}`).replace(/"/g, "");
if (fact("skip") && !typedwiki.one(".skip")) document.body.prepend(typedwiki.make("a", { className: "skip", href: "#quarto-document-content" }, fact("skip")));
if (fact("opensearch")) document.head.append(typedwiki.make("link", { rel: "search", type: "application/opensearchdescription+xml", title: document.title.replace(/.* [–|] /, ""), href: `${typedwiki.root}opensearch.xml` }));

// The reader's clock decides whether a page is stale, so the site need not be rebuilt.
for (const badge of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".tw-stale[data-after]"))) {
  const { after = "", stale = "" } = badge.dataset;
  if (Date.now() < Date.parse(after)) continue;
  badge.textContent = stale;
  badge.classList.add("tw-is-stale");
}

// Otherwise the page would wait for missing data forever.
for (const [selector, name] of [[".tw-explore .tw-state", "pages.js"], [".tw-network", "layers.js"]]) {
  const box = document.querySelector(selector);
  if (box) typedwiki.data(name).catch(() => {
    const why = `This page cannot work: notes/assets/${name} is missing from the site. Render notes/wiki/explore.qmd again.`;
    if (box.matches(".tw-state")) box.textContent = why;
    else box.prepend(typedwiki.make("p", { role: "alert" }, why));
  });
}

// Quarto calls its button for the menu a menu.
document.querySelector(".navbar-toggler[role=menu]")?.removeAttribute("role");

// Scrollable boxes must be reachable by keyboard, which not every browser ensures.
const reach = new ResizeObserver((seen) => seen.forEach(({ target: box }) => box.scrollWidth > box.clientWidth && box.setAttribute("tabindex", "0")));
for (const box of document.querySelectorAll("pre, table, p:has(> math)")) reach.observe(box);

// The search offers the notes that were read last.
{
  const badge = document.querySelector("main .tw-badge");
  const at = location.href.replace(/[?#].*/, "").replace(typedwiki.root, "");
  if (badge && /^notes\/(?!wiki\/|path\/)/.test(at)) {
    /** @type {string[][]} */
    const recent = JSON.parse(typedwiki.recall(`recent ${typedwiki.root}`) || "[]");
    const title = document.querySelector("h1.title")?.textContent?.trim() ?? "";
    typedwiki.keep(`recent ${typedwiki.root}`, JSON.stringify([[at, title, badge.textContent ?? ""], ...recent.filter(([path]) => path !== at)].slice(0, 9)));
  }
}
