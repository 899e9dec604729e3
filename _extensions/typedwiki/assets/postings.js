// @ts-check
// Reads the files of the index of scripts/typedwiki/render/search_index.py that a query needs, each once.

/** @type {Indexed} */
const typedwikiIndexed = (() => {
  const { index } = typedwiki;
  /** @type {Map<number, Promise<[string[], string[]]>>} */
  const shards = new Map();

  /** Returns the value of a key in a map, made if it is missing. @type {<K, V>(map: Map<K, V>, key: K, make: () => V) => V} */
  function kept(map, key, make) {
    let value = map.get(key);
    if (value === undefined) map.set(key, value = make());
    return value;
  }

  const load = (/** @type {number} */ shard) => kept(shards, shard, () => index(`terms-${shard}`).then((/** @type {string} */ lines) => {
    const pairs = lines.split("\n").map((line) => line.split("\t"));
    return [pairs.map(([term]) => term), pairs.map(([, postings]) => postings)];
  }));

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
    for (const [terms, postings] of await Promise.all(Array.from({ length: last - first + 1 }, (_, i) => load(first + i)))) {
      for (let at = place(terms, start); at < terms.length && terms[at].startsWith(start); at++) found.push([terms[at], postings[at]]);
    }
    return found;
  }
  const exact = async (/** @type {string} */ term) => (await beginning(term, 1)).find(([other]) => other === term)?.[1] ?? "";

  /** @type {(postings: string) => [page: number, code: number][]} */
  function decoded(postings) {
    /** @type {[page: number, code: number][]} */
    const places = [];
    let [page, step] = [-1, 0];
    for (let i = 0; i < postings.length; i++) {
      const unit = postings.charCodeAt(i);
      if (unit >= 97) step = step * 36 + unit - 87; // a to z
      else if (unit < 58) step = step * 36 + unit - 48; // 0 to 9
      else {
        places.push([page += step || 1, unit - 65]);
        step = 0;
      }
    }
    return places;
  }

  const face = async (/** @type {number} */ page) => {
    const { block } = await index("meta");
    return (await index(`pages-${Math.floor(page / block)}`))[page % block];
  };
  const texts = async (/** @type {number} */ page) => (await index("meta")).texts ? index(`text-${page}`).catch(() => []) : [];

  return { kept, beginning, exact, decoded, face, texts };
})();
