// @ts-check
// The excerpts of a hit in the search dialog: the best section of its page, and the others collapsed.

/** @type {Excerpt} */
const typedwikiExcerpt = (() => {
  const AROUND = 90; // characters before the first mark, and half of the characters after it
  const { make, root, say } = typedwiki;

  /** @type {Excerpt["address"]} */
  const address = (name, q, anchor = "") => `${root}notes/${name}.html${q && `?${new URLSearchParams({ q })}`}${anchor && `#${encodeURIComponent(anchor)}`}`;

  /** Scores a section, mainly by the number of different words found. @type {(section: string[], words: Wanted) => any} */
  function weighed([anchor, heading, text, code], words) {
    const parts = [heading, text, code];
    const places = parts.map((part) => typedwikiTerms.marks(part, words));
    const different = new Set(places.flatMap((some, i) => some.map(([from, to]) => typedwikiTerms.fold(parts[i].slice(from, to)))));
    const from = places[1].length || !places[2].length ? 1 : 2;
    const worth = different.size && different.size * 4 + Number(places[0].length > 0) * 2 + Number(places[1].length > 0);
    return { anchor, heading, worth, body: parts[from], at: places[from][0]?.[0] ?? 0 };
  }

  return {
    address,
    async add(item, page, term, words) {
      const [name] = await typedwikiIndexed.face(page);
      const sections = (await typedwikiIndexed.texts(page)).map((section) => weighed(section, words)).filter(({ worth }) => worth).sort((a, b) => b.worth - a.worth);
      if (!sections.length || !item.isConnected) return;
      const link = (/** @type {any} */ { anchor, heading }) => make("a", { href: address(name, term, anchor) }, ...typedwikiFind.marked(heading || say("beginning"), words));
      const { anchor, at, body } = sections[0];
      const start = at < AROUND * 1.3 ? 0 : body.lastIndexOf(" ", at - AROUND) + 1 || at - AROUND;
      const cut = body.slice(start, at + 2 * AROUND).replace(at + 2 * AROUND < body.length ? /\s\S{0,20}$/ : "", "");
      item.append(make("p", {}, ...(anchor ? [link(sections[0]), ": "] : []), start ? "… " : "", ...typedwikiFind.marked(cut, words), start + cut.length < body.length ? " …" : ""));
      if (sections.length > 1) {
        item.append(make("details", {}, make("summary", {}, say("more-on-page", { some: sections.length - 1 })),
          make("ul", {}, ...sections.slice(1).map((section) => make("li", {}, link(section))))));
      }
    },
  };
})();
