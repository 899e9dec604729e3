// @ts-check
// The facets and sort orders of Explore.

/** @type {Facets} */
const typedwikiFacets = {
  facets({ pages, types, domains, namespaces }, today) {
    const named = (/** @type {string[]} */ names) => names.map((name) => [name, name]);
    const reached = pages.map(([stem, title, , , space]) => [stem, namespaces[1] && space >= 0 ? `${title} (${namespaces[space]})` : title]);
    const { say } = typedwiki;
    const ages = [["30-days", say("age-month")], ["90-days", say("age-quarter")], ["year", say("age-year")], ["older", say("age-older")], ["undated", say("age-undated")]];
    /** @type {[string, string[][], (page: PageData) => number[]][]} */
    const facets = [
      ["type", types.map(([, name, plural]) => [name, plural]), (page) => [page[2]]],
      ["domain", named(domains), (page) => page[5]],
      ["namespace", named(namespaces), (page) => page[4] < 0 ? [] : [page[4]]],
      ["environment", reached, (page) => page[6]],
      ["heuristic", reached, (page) => page[7]],
      ["problems", [["yes", say("has-problems")], ["no", say("no-problems")]], (page) => [page[8] ? 0 : 1]],
      ["updated", ages, (page) => [page[9] ? [30, 90, 365].filter((days) => today - Date.parse(page[9]) > days * 864e5).length : 4]],
    ];
    return facets.map(([key, values, of]) => ({ key, values, of: pages.map(of) }));
  },

  orders: {
    title: (page) => page[12],
    date: (page) => -Date.parse(page[9]) || Infinity,
    connections: (page) => -page[10],
    minutes: (page) => page[11],
  },

  show({ pages }, facets, view, scores) {
    // A bit for each facet that a page fails; all bits if the text does not match.
    const failed = pages.map((_, page) => scores && !scores[page] ? -1 : 0);
    facets.forEach(({ key, values, of }, f) => {
      const names = view.getAll(key);
      const wanted = values.map(([name]) => names.includes(name));
      if (names.length) of.forEach((own, page) => { if (!own.some((value) => wanted[value])) failed[page] |= 1 << f; });
    });
    // A page that fails only one facet would match another value of it.
    const counts = facets.map(({ values, of }, f) => {
      const count = values.map(() => 0);
      of.forEach((own, page) => { if (!(failed[page] & ~(1 << f))) for (const value of own) count[value]++; });
      return count;
    });
    const { orders } = typedwikiFacets;
    const sort = view.get("sort") ?? ""; // an address may hold anything: `constructor` is not an order
    const order = Object.hasOwn(orders, sort) ? orders[sort] : undefined;
    const keys = order ? pages.map(order) : pages.map((_, page) => -(scores?.[page] ?? 0));
    return { counts, pages: [...pages.keys()].filter((page) => !failed[page]).sort((a, b) => keys[a] - keys[b]) };
  },
};
