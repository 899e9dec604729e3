// @ts-check
// Queries the index of scripts/typedwiki/render/search_index.py. The dialog, Explore and the page for missing addresses
// share this ranking. Only files that hold words of the query are loaded. See globals.d.ts.

/** @type {Find} */
const typedwikiFind = (() => {
  const terms = typedwikiTerms;
  const { kept, beginning, exact, decoded, face, texts } = typedwikiIndexed;
  const LEVELS = [3, 6, 14, 20, 28, 44, 60]; // scores of code, text, overview, name, heading, alias, title
  const HEADING = 4;
  const WHOLE = 1000; // bonus of a title as a whole
  const [SAME, FORM, BEGINNING, INSIDE, PARTS, MEANT] = [1, 0.9, 0.6, 0.35, 0.9, 0.8];
  const SPELLED = 40; // bonus over its separate words, unless they are a title
  const FEW = 5; // with fewer pages, looser matches are tried
  const CHECKED = 200; // maximum number of pages whose text is searched for a phrase

  /** @type {Map<string, Promise<Matched>>} */
  const known = new Map();
  const { index } = typedwiki;

  /** Adds the pages of a term. @type {(matched: Matched, term: string, postings: string, kind: number, pages: number, more?: number) => void} */
  function add(matched, term, postings, kind, pages, more = 0) {
    const places = decoded(postings);
    const rare = Math.min(1, Math.max(0.3, Math.log2(1 + pages / places.length) / Math.log2(1 + pages)));
    for (const [page, code] of places) {
      const level = Math.floor(code / 3);
      const score = (LEVELS[level] + (code % 3) * (level > HEADING ? 4 : 1)) * kind * (level < HEADING ? rare : 1) + more;
      matched.best = Math.max(matched.best, level);
      if (score > (matched.pages.get(page) ?? 0)) matched.pages.set(page, score);
    }
    if (places.length) matched.terms.add(term);
  }

  const nothing = () => /** @type {Matched} */ ({ pages: new Map(), terms: new Set(), best: -1, meant: "" });

  /** Finds a word, its forms and its prefixes; if there are few, also infixes and corrections. @type {(word: string) => Promise<Matched>} */
  async function word(word) {
    const { pages } = await index("meta");
    const matched = nothing();
    if (terms.isRun(word)) return run(word);
    const root = terms.root(word);
    let whole = false;
    for (const [term, postings] of [...await beginning(word, 3), ...(root === word ? [] : await beginning(root, 2))]) {
      const kind = term === word ? SAME : term[0] !== "=" && terms.sameWord(word, term) ? FORM : term.startsWith(word) ? BEGINNING : 0;
      whole ||= kind >= FORM;
      if (kind && (word.length > 1 || kind === SAME)) add(matched, term, postings, kind, pages);
    }
    if (matched.pages.size >= FEW || word.length < 3 || !/^[\p{L}\p{N}]+$/u.test(word)) return matched;
    const vocabulary = await index("vocabulary");
    const inside = word.length < 4 ? [] : vocabulary.join(" ").split(" ").filter((/** @type {string} */ other) => other.indexOf(word) > 0).slice(0, 12);
    for (const other of inside) add(matched, other, await exact(other), INSIDE, pages);
    if (whole || (matched.best >= HEADING && !inside.length)) return matched;
    const [plain] = [word.replace(/([aou])e/g, "$1")];
    const near = plain !== word && await exact(plain) ? [plain] : terms.near(word, vocabulary);
    if (near.length && (!matched.pages.size || vocabulary[0].split(" ").includes(near[0]))) {
      for (const other of near) add(matched, other, await exact(other), MEANT, pages);
      matched.meant = near[0];
    }
    return matched;
  }

  /** Finds a run of letters without spaces by its pairs. @type {(text: string) => Promise<Matched>} */
  async function run(text) {
    const { pages } = await index("meta");
    const pairs = await Promise.all(terms.pairs(text).map(async (pair) => {
      const matched = nothing();
      add(matched, pair, await exact(pair), SAME, pages);
      return matched;
    }));
    return { ...all(pairs), terms: new Set(), runs: [text] };
  }

  /** Returns the pages that match all parts. @type {(parts: Matched[], kind?: number) => Matched} */
  function all(parts, kind = 1) {
    const matched = nothing();
    for (const page of parts[0]?.pages.keys() ?? []) {
      const scores = parts.map(({ pages }) => pages.get(page) ?? 0);
      if (scores.every(Boolean)) matched.pages.set(page, kind * scores.reduce((a, b) => a + b) / scores.length);
    }
    for (const part of parts) for (const term of part.terms) matched.terms.add(term);
    matched.best = Math.min(6, ...parts.map(({ best }) => best));
    matched.meant = parts.some(({ meant }) => meant) ? parts.map(({ meant, text }) => meant || text).join(" ") : "";
    return matched;
  }

  /** Finds a token of the query by its spelling, or else by its words. @type {(token: string) => Promise<Matched>} */
  async function token(token) {
    if (terms.isRun(token)) return look(terms.fold(token));
    const spelled = terms.spelling(token);
    const own = terms.parts(token).map(([part]) => part);
    const matched = nothing();
    if (spelled) {
      const { pages } = await index("meta");
      const more = /[_.:>#+]|^[^\p{L}\p{N}]/u.test(spelled) ? SPELLED : 0;
      for (const [term, postings] of await beginning(spelled, 2)) {
        add(matched, term, postings, term === spelled ? SAME : BEGINNING, pages, term === spelled ? more : more / 2);
      }
      if (own.length < 2 && (matched.pages.size || (/[+#]$/.test(spelled) && own[0]?.length < 3))) return matched;
    }
    const simple = await all(await Promise.all(own.map(one)), spelled ? PARTS : 1);
    if (!spelled) return simple;
    return joined(matched, simple);
  }

  /** Finds a word and, if it is in camel case, its parts. @type {(text: string) => Promise<Matched>} */
  async function one(text) {
    const folded = terms.fold(text);
    const whole = { ...await look(folded), text: folded };
    const humps = terms.humps(text);
    if (humps.length < 2) return whole;
    // Its own spelling scores higher than its separate parts.
    if (!whole.meant) whole.pages = new Map([...whole.pages].map(([page, score]) => [page, score + SPELLED]));
    if (whole.pages.size >= FEW) return whole;
    const parts = all(await Promise.all(humps.map((hump) => look(hump.toLowerCase()))), PARTS);
    return parts.pages.size && !parts.meant ? { ...joined(whole.meant ? nothing() : whole, parts), text: folded } : whole;
  }

  /** @type {(first: Matched, second: Matched) => Matched} */
  function joined(first, second) {
    const pages = new Map(second.pages);
    for (const [page, score] of first.pages) pages.set(page, Math.max(score, pages.get(page) ?? 0));
    return { ...second, pages, terms: new Set([...first.terms, ...second.terms]), best: Math.max(first.best, second.best), meant: first.pages.size ? "" : second.meant };
  }

  const look = (/** @type {string} */ text) => kept(known, text, () => word(text));

  /** @type {(query: string) => Promise<Asked>} */
  async function ask(query) {
    const { language, pages } = await index("meta");
    terms.speak(language);
    const { tokens, phrases, without } = terms.parse(query);
    const groups = await Promise.all(tokens.map(async (text) => ({ ...await token(text), text })));
    const asked = groups.filter(({ text }) => !terms.small(terms.fold(text)));
    const needed = asked.length ? asked : groups;
    // In arrays by page, because a common word is on every page of a large wiki.
    const [scores, have] = [new Float64Array(pages), new Uint8Array(pages)];
    for (const group of groups) {
      const counts = Number(needed.includes(group));
      for (const [page, score] of group.pages) {
        scores[page] += score;
        have[page] += counts;
      }
    }
    const title = decoded(await exact(`=${tokens.flatMap((text) => terms.isRun(text) ? [text] : terms.parts(text).map(([part]) => part)).map(terms.fold).join(" ")}`));
    for (const [page, code] of title) scores[page] += WHOLE + code;
    const every = [...scores.keys()].filter((page) => scores[page] > 0);
    const whole = every.filter((page) => have[page] === needed.length);
    const chosen = phrases.length || whole.length >= FEW ? whole : every.filter((page) => have[page] >= needed.length / 2);
    chosen.sort((a, b) => have[b] - have[a] || scores[b] - scores[a] || a - b);
    let found = chosen.map((page) => /** @type {Hit} */ ({
      page, score: scores[page], lacks: have[page] === needed.length ? [] : needed.filter(({ pages }) => !pages.has(page)).map(({ text }) => text),
    }));
    for (const text of without) {
      const { pages } = await token(text);
      found = found.filter(({ page }) => !pages.has(page));
    }
    if (phrases.length) found = await withPhrases(found, phrases);
    const meant = groups.filter(({ meant }) => meant);
    return {
      hits: found,
      whole: found.filter(({ lacks }) => !lacks.length).length,
      meant: meant.map(({ text, meant }) => [text, meant]),
      unknown: needed.filter(({ pages }) => !pages.size).map(({ text }) => text),
      words: { terms: new Set(groups.flatMap(({ terms }) => [...terms])), runs: groups.flatMap(({ text }) => terms.isRun(text) ? [text] : []) },
    };
  }

  /** Returns those of the best pages that have the phrases. @type {(hits: Hit[], phrases: string[][]) => Promise<Hit[]>} */
  async function withPhrases(hits, phrases) {
    const checked = await Promise.all(hits.slice(0, CHECKED).map(async ({ page }) => {
      const [, title, , , overview] = await face(page);
      const parts = [title, overview, ...(await texts(page)).flat()].map((text) => ` ${(text.match(terms.token) ?? []).map(terms.fold).join(" ")} `);
      return phrases.every((phrase) => parts.some((part) => part.includes(terms.isRun(phrase[0]) ? phrase.join(" ") : ` ${phrase.join(" ")} `)));
    }));
    return hits.filter((_, i) => checked[i]);
  }

  /** Returns the pages with the most similar titles, for a query without hits. @type {(query: string) => Promise<number[]>} */
  async function nearest(query) {
    const titled = (await index("vocabulary"))[0].split(" ");
    const pairs = (/** @type {string} */ text) => new Set(terms.pairs(text));
    const wanted = pairs(terms.fold(query).replace(/[^\p{L}\p{N}]/gu, ""));
    const likeness = (/** @type {string} */ term) => [...pairs(term)].filter((pair) => wanted.has(pair)).length * 2 / (wanted.size + term.length);
    /** @type {[number, string][]} */
    const like = titled.map((/** @type {string} */ term) => [likeness(term), term]);
    const pages = new Set();
    for (const [, term] of like.filter(([score]) => score > 0.2).sort((a, b) => b[0] - a[0]).slice(0, 12)) {
      for (const [page, code] of decoded(await exact(term))) if (code >= 18 && pages.size < FEW) pages.add(page);
    }
    return [...pages];
  }

  /** @type {Find["marked"]} */
  function marked(text, found) {
    /** @type {(Node | string)[]} */
    const nodes = [];
    let done = 0;
    for (const [from, to] of found ? terms.marks(text, found) : []) {
      nodes.push(text.slice(done, from), typedwiki.make("mark", {}, text.slice(from, to)));
      done = to;
    }
    return [...nodes, text.slice(done)];
  }

  return { ask, nearest, marked };
})();
