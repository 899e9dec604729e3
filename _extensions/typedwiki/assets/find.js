// @ts-check
// Queries the index of scripts/typedwiki/render/search_index.py. The dialog, Explore and the page for missing addresses
// share this ranking. Only files that hold words of the query are loaded.

/** @type {Find} */
const typedwikiFind = (() => {
  const terms = typedwikiTerms;
  const { kept, beginning, exact, decoded, ranked, withPhrases, vocabulary } = typedwikiIndexed;
  const LEVELS = [3, 6, 14, 20, 28, 44, 60]; // scores of code, text, overview, name, heading, alias, title
  const HEADING = 4;
  /** Scores by code: see _page_codes in search_pages.py. */
  const WORTH = LEVELS.flatMap((score, level) => [0, 1, 2].map((more) => score + more * (level > HEADING ? 4 : 1)));
  const WHOLE = 1000; // bonus of a title as a whole
  const [SAME, FORM, BEGINNING, INSIDE, PARTS, MEANT] = [1, 0.9, 0.6, 0.35, 0.9, 0.8];
  const SPELLED = 40; // bonus over its separate words, unless they are a title
  const FEW = 5; // with fewer pages, looser matches are tried
  const KNOWN = 100; // words whose pages are kept

  /** @type {Map<string, Promise<Matched>>} */
  const known = new Map();
  const { index } = typedwiki;

  /** Adds the pages of a term. @type {(matched: Matched, term: string, postings: string, kind: number, more?: number) => void} */
  function add(matched, term, postings, kind, more = 0) {
    if (!postings) return;
    const { scores } = matched;
    const { pages, codes, count } = decoded(postings);
    const rare = Math.min(1, Math.max(0.3, Math.log2(1 + scores.length / count) / Math.log2(1 + scores.length)));
    let best = 0;
    for (let i = 0; i < count; i++) {
      const code = codes[i];
      const score = WORTH[code] * kind * (code < HEADING * 3 ? rare : 1) + more;
      const before = scores[pages[i]];
      if (code > best) best = code;
      if (!before) matched.count++;
      if (score > before) scores[pages[i]] = score;
    }
    matched.best = Math.max(matched.best, Math.floor(best / 3));
    matched.terms.add(term);
  }

  // Scores are in arrays by page, because a common word is on every page of a large wiki.
  const nothing = async () => /** @type {Matched} */ ({ scores: new Float32Array((await index("meta")).pages), count: 0, terms: new Set(), best: -1, meant: "" });

  /** Finds a word, its forms and its prefixes; if there are few, also infixes and corrections. @type {(word: string) => Promise<Matched>} */
  async function word(word) {
    if (terms.isRun(word)) return run(word);
    const root = terms.root(word);
    const [matched, some, others] = await Promise.all([nothing(), beginning(word, 3), root === word ? [] : beginning(root, 2)]);
    let whole = false;
    for (const [term, postings] of [...some, ...others]) {
      const kind = term === word ? SAME : term[0] !== "=" && terms.sameWord(word, term) ? FORM : term.startsWith(word) ? BEGINNING : 0;
      whole ||= kind >= FORM;
      if (kind && (word.length > 1 || kind === SAME)) add(matched, term, postings, kind);
    }
    if (matched.count >= FEW || word.length < 3 || !/^[\p{L}\p{N}]+$/u.test(word)) return matched;
    const lists = await vocabulary();
    const inside = word.length < 4 ? [] : lists.flatMap((list) => list.filter((other) => other.indexOf(word) > 0)).slice(0, 12);
    await addAll(matched, inside, INSIDE);
    if (whole || (matched.best >= HEADING && !inside.length)) return matched;
    const [plain] = [word.replace(/([aou])e/g, "$1")];
    const near = plain !== word && await exact(plain) ? [plain] : terms.near(word, lists);
    if (near.length && (!matched.count || lists[0].includes(near[0]))) {
      await addAll(matched, near, MEANT);
      matched.meant = near[0];
    }
    return matched;
  }

  /** Adds the pages of terms. @type {(matched: Matched, some: string[], kind: number) => Promise<void>} */
  async function addAll(matched, some, kind) {
    const postings = await Promise.all(some.map(exact));
    some.forEach((term, i) => add(matched, term, postings[i], kind));
  }

  /** Finds a run of letters without spaces by its pairs. @type {(text: string) => Promise<Matched>} */
  async function run(text) {
    const pairs = await Promise.all(terms.pairs(text).map(async (pair) => {
      const matched = await nothing();
      await addAll(matched, [pair], SAME);
      return matched;
    }));
    return { ...await all(pairs), terms: new Set(), runs: [text] };
  }

  /** Returns the pages that match all parts. @type {(parts: Matched[], kind?: number) => Promise<Matched>} */
  async function all(parts, kind = 1) {
    const matched = await nothing();
    for (let page = 0; parts.length && page < matched.scores.length; page++) {
      let [sum, has] = [0, true];
      for (let i = 0; has && i < parts.length; i++) sum += (has = !!parts[i].scores[page]) ? parts[i].scores[page] : 0;
      if (!has) continue;
      matched.scores[page] = kind * sum / parts.length;
      matched.count++;
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
    const matched = await nothing();
    if (spelled) {
      const more = /[_.:>#+]|^[^\p{L}\p{N}]/u.test(spelled) ? SPELLED : 0;
      for (const [term, postings] of await beginning(spelled, 2)) {
        add(matched, term, postings, term === spelled ? SAME : BEGINNING, term === spelled ? more : more / 2);
      }
      if (own.length < 2 && (matched.count || (/[+#]$/.test(spelled) && own[0]?.length < 3))) return matched;
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
    if (!whole.meant) whole.scores = whole.scores.map((score) => score && score + SPELLED);
    if (whole.count >= FEW) return whole;
    const parts = await all(await Promise.all(humps.map((hump) => look(hump.toLowerCase()))), PARTS);
    return parts.count && !parts.meant ? { ...joined(whole.meant ? await nothing() : whole, parts), text: folded } : whole;
  }

  /** @type {(first: Matched, second: Matched) => Matched} */
  function joined(first, second) {
    const scores = second.scores.map((score, page) => Math.max(score, first.scores[page]));
    return { ...second, scores, count: scores.filter(Boolean).length, terms: new Set([...first.terms, ...second.terms]), best: Math.max(first.best, second.best), meant: first.count ? "" : second.meant };
  }

  /** @param {string} text */
  function look(text) {
    if (known.size > KNOWN) known.clear();
    return kept(known, text, () => word(text));
  }

  /** @type {(query: string) => Promise<Asked>} */
  async function ask(query) {
    const { language, pages } = await index("meta");
    terms.speak(language);
    const { tokens, phrases, without } = terms.parse(query);
    const named = exact(`=${tokens.flatMap((text) => terms.isRun(text) ? [text] : terms.parts(text).map(([part]) => part)).map(terms.fold).join(" ")}`);
    const groups = await Promise.all(tokens.map(async (text) => ({ ...await token(text), text })));
    const asked = groups.filter(({ text }) => !terms.small(terms.fold(text)));
    const needed = asked.length ? asked : groups;
    const [total, have] = [new Float32Array(pages), new Uint8Array(pages)];
    for (const group of groups) {
      const { scores } = group;
      const counts = Number(needed.includes(group));
      for (let page = 0; page < pages; page++) {
        if (!scores[page]) continue;
        total[page] += scores[page];
        have[page] += counts;
      }
    }
    const title = decoded(await named);
    for (let i = 0; i < title.count; i++) total[title.pages[i]] += WHOLE + title.codes[i];
    let whole = 0;
    for (let page = 0; page < pages; page++) whole += Number(total[page] && have[page] === needed.length);
    for (const text of without) {
      const { scores } = await token(text);
      scores.forEach((score, page) => { if (score) total[page] = 0; });
    }
    const least = phrases.length || whole >= FEW ? needed.length : needed.length / 2;
    let hits = ranked(total, have, least);
    if (phrases.length) hits = await withPhrases(hits, phrases);
    const meant = groups.filter(({ meant }) => meant);
    return {
      hits,
      isWhole: (page) => have[page] === needed.length,
      lacks: (page) => needed.filter(({ scores }) => !scores[page]).map(({ text }) => text),
      meant: meant.map(({ text, meant }) => [text, meant]),
      unknown: needed.filter(({ count }) => !count).map(({ text }) => text),
      words: { terms: new Set(needed.flatMap(({ terms }) => [...terms])), runs: needed.flatMap(({ text }) => terms.isRun(text) ? [text] : []) },
    };
  }

  /** Returns the pages with the most similar titles, for a query without hits. @type {(query: string) => Promise<number[]>} */
  async function nearest(query) {
    const [titled] = await vocabulary();
    const wanted = [...new Set(terms.pairs(terms.fold(query).replace(/[^\p{L}\p{N}]/gu, "")))].filter((pair) => pair.length > 1);
    const likeness = (/** @type {string} */ term) => wanted.filter((pair) => term.includes(pair)).length * 2 / (wanted.length + term.length);
    /** @type {[number, string][]} */
    const like = titled.map((/** @type {string} */ term) => [likeness(term), term]);
    const pages = new Set();
    for (const [, term] of like.filter(([score]) => score > 0.2).sort((a, b) => b[0] - a[0]).slice(0, 12)) {
      {
        const { pages: some, codes, count } = decoded(await exact(term));
        for (let i = 0; i < count; i++) if (codes[i] >= 18 && pages.size < FEW) pages.add(some[i]);
      }
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
