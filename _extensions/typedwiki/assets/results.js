// @ts-check
// Adds type, namespace and overview to the results of Quarto's own search.

(() => {
  // As attributes, which search.css shows: elements of ours would be in the way of Quarto's own drawing.
  const inside = new MutationObserver(async () => {
    const { types, namespaces, pages, find } = await typedwiki.pages();
    for (const result of document.querySelectorAll(".search-result-doc")) {
      const [, , type, overview, space] = pages[find(result.querySelector("a")?.href ?? "")] ?? [];
      const facts = [types[type]?.[1], namespaces[space]].filter(Boolean).join(" · ");
      types.forEach(([slug], i) => result.classList.toggle(`tw-${slug}`, i === type));
      result.querySelector(".search-result-title")?.setAttribute("data-tw-facts", facts);
      result.querySelector(".search-result-text-container")?.setAttribute("data-tw-overview", overview ?? "");
    }
  });
  new MutationObserver(() => {
    const overlay = document.querySelector(".aa-DetachedOverlay");
    if (overlay) inside.observe(overlay, { childList: true, subtree: true });
  }).observe(document.body, { childList: true });
})();
