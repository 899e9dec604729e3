// @ts-check
// Finds words in titles and overviews: whole, as a beginning, within a word and, where a word is
// written nowhere so, with typos. What the functions do: globals.d.ts.

// A run of letters of a script that has no spaces between words is a word here, and so is any other run.
const typedwikiUnspaced = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
const typedwikiRuns = new RegExp(["=", "!"].map((is) => `(?:(?${is}${typedwikiUnspaced.source})[\\p{L}\\p{N}])+`).join("|"), "gu");

/** @type {Match} */
const typedwikiMatch = {
  words: (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(typedwikiRuns) ?? [],

  add({ words, titles }, title, overview) {
    const titled = new Set(typedwikiMatch.words(title));
    for (const word of new Set([...titled, ...typedwikiMatch.words(overview)])) {
      if (!words.has(word)) words.set(word, []);
      words.get(word)?.push(titles.length * 2 + Number(titled.has(word)));
    }
    titles.push(titled.size);
  },

  edits(word, other, most) {
    let same = 0;
    while (same < word.length && word[same] === other[same]) same++;
    if (same === word.length) return 0;
    if (!most) return 1;
    const [a, b] = [word.slice(same), other.slice(same)];
    const ways = [[a.slice(1), b.slice(1)], [a.slice(1), b], [a, b.slice(1)]];
    if (a[0] === b[1] && a[1] === b[0]) ways.push([a.slice(2), b.slice(2)]);
    return 1 + Math.min(...ways.map(([a, b]) => typedwikiMatch.edits(a, b, most - 1)));
  },

  find({ words, titles }, query) {
    const meant = [];
    /** @type {Float32Array | undefined} */
    let scores;
    for (const word of new Set(typedwikiMatch.words(query))) {
      /** @type {[string, number][]} */
      let fitting = [];
      const least = typedwikiUnspaced.test(word) ? 1 : 3;
      for (const other of words.keys()) {
        const at = other.indexOf(word);
        if (!at || (at > 0 && word.length >= least)) fitting.push([other, at ? 1 : other === word ? 3 : 2]);
      }
      if (fitting.length) meant.push(word);
      else {
        /** Other words by the edits that they take. @type {string[][]} */
        const near = [[], [], []];
        for (const other of words.keys()) {
          // Each letter that the other lacks takes an edit: most words need no closer look.
          const lacking = [...word].filter((letter) => !other.includes(letter));
          if (lacking.length < 3) near[typedwikiMatch.edits(word, other, 2)]?.push(other);
        }
        const found = near.find(({ length }) => length) ?? [];
        const off = (/** @type {string} */ other) => Math.abs(other.length - word.length);
        meant.push(...found.sort((a, b) => off(a) - off(b)).slice(0, 1));
        if (near.indexOf(found) <= word.length / 4) fitting = found.map((other) => [other, 1]);
      }
      const before = scores;
      scores = new Float32Array(titles.length);
      for (const [other, level] of fitting) for (const place of words.get(other) ?? []) {
        const page = place >> 1;
        scores[page] = Math.max(scores[page], level + (place & 1 && 3 + 1 / (1 + titles[page])));
      }
      if (before) scores = scores.map((score, page) => score && before[page] && score + before[page]);
    }
    return { scores, meant: meant.join(" ") };
  },
};
