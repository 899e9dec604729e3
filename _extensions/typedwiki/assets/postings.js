// @ts-check
// Reads the files of the index of scripts/typedwiki/render/search_index.py that a query needs, each once, and ranks pages.

/** @type {Indexed} */
const typedwikiIndexed = (() => {
  const CHECKED = 200; // maximum number of pages whose text is searched for a phrase
  const MANY = 4096; // characters of the postings of a word that is on many pages
  const { index } = typedwiki;
  /** Lines of a file: a term, a tab, its postings. @type {Map<number, Promise<string[]>>} */
  const shards = new Map();

  /** Returns the value of a key in a map, made if it is missing. @type {<K, V>(map: Map<K, V>, key: K, make: () => V) => V} */
  function kept(map, key, make) {
    let value = map.get(key);
    if (value === undefined) map.set(key, value = make());
    return value;
  }

  const load = (/** @type {number} */ shard) => kept(shards, shard, () => index(`terms-${shard}`).then((/** @type {string} */ lines) => lines.split("\n")));

  /** Returns the index of the first item that does not sort before a text. @type {(list: string[], text: string) => number} */
  function place(list, text) {
    let [from, to] = [0, list.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (list[middle] < text) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Returns the terms that begin with a text, and their postings. @type {(start: string, most: number) => Promise<[string, string][]>} */
  async function beginning(start, most) {
    const { starts } = await index("meta");
    const first = Math.max(0, place(starts, start + "\0") - 1);
    const last = Math.max(first, Math.min(first + most - 1, place(starts, start + "\uffff") - 1));
    /** @type {[string, string][]} */
    const found = [];
    const add = (/** @type {string[]} */ lines) => {
      for (let at = place(lines, start); at < lines.length && lines[at].startsWith(start); at++) {
        const tab = lines[at].indexOf("\t");
        found.push([lines[at].slice(0, tab), lines[at].slice(tab + 1)]);
      }
    };
    add(await load(first));
    // Longer words add nothing that a reader would miss where the word itself is on many pages.
    if (last > first && !(found[0]?.[0] === start && found[0][1].length > MANY)) {
      (await Promise.all(Array.from({ length: last - first }, (_, i) => load(first + 1 + i)))).forEach(add);
    }
    return found;
  }
  const exact = async (/** @type {string} */ term) => (await beginning(term, 1)).find(([other]) => other === term)?.[1] ?? "";

  const found = { pages: new Uint32Array(0), codes: new Uint8Array(0), count: 0 };

  /** @type {Indexed["decoded"]} */
  function decoded(postings) {
    if (found.pages.length < postings.length) Object.assign(found, { pages: new Uint32Array(postings.length), codes: new Uint8Array(postings.length) });
    const { pages, codes } = found;
    let [page, step, count] = [-1, 0, 0];
    for (let i = 0; i < postings.length; i++) {
      const unit = postings.charCodeAt(i);
      if (unit >= 97) step = step * 36 + unit - 87; // a to z
      else if (unit < 58) step = step * 36 + unit - 48; // 0 to 9
      else {
        pages[count] = page += step || 1;
        codes[count++] = unit - 65;
        step = 0;
      }
    }
    found.count = count;
    return found;
  }

  /** @type {Indexed["ranked"]} */
  function ranked(scores, have, least) {
    // One number for each page, because browsers sort numbers many times as fast as by a function.
    const keys = new Float64Array(scores.length);
    let count = 0;
    for (let page = 0; page < scores.length; page++) {
      if (!scores[page] || have[page] < least) continue;
      keys[count++] = (have[page] * 2 ** 26 + Math.round(scores[page] * 2 ** 13)) * scores.length + scores.length - 1 - page;
    }
    keys.subarray(0, count).sort();
    const pages = [];
    while (count) pages.push(scores.length - 1 - keys[--count] % scores.length);
    return pages;
  }

  /** Words for spelling correction, as they are split once. @type {Promise<string[][]> | undefined} */
  let words;
  const vocabulary = () => (words ??= index("vocabulary").then((/** @type {string[]} */ lists) => lists.map((list) => list.split(" "))));

  const face = async (/** @type {number} */ page) => {
    const { block } = await index("meta");
    return (await index(`pages-${Math.floor(page / block)}`))[page % block];
  };
  const texts = async (/** @type {number} */ page) => (await index("meta")).texts ? index(`text-${page}`).catch(() => []) : [];

  /** @type {Indexed["withPhrases"]} */
  async function withPhrases(hits, phrases) {
    const checked = await Promise.all(hits.slice(0, CHECKED).map(async (page) => {
      const [, title, , , overview] = await face(page);
      const parts = [title, overview, ...(await texts(page)).flat()].map((text) => ` ${(text.match(typedwikiTerms.token) ?? []).map(typedwikiTerms.fold).join(" ")} `);
      return phrases.every((phrase) => parts.some((part) => part.includes(typedwikiTerms.isRun(phrase[0]) ? phrase.join(" ") : ` ${phrase.join(" ")} `)));
    }));
    return hits.filter((_, i) => checked[i]);
  }

  return { kept, beginning, exact, decoded, ranked, withPhrases, vocabulary, face, texts };
})();
