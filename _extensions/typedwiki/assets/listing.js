// @ts-check
// The draft's listing: text filter, type facets and categories; the address keeps the category.

(() => {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector(".filters"));
  const list = document.querySelector(".tw-list");
  if (!form || !list) return;
  const output = form.querySelector("output");
  const fold = (/** @type {string} */ text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const items = [...list.children].map((element, index) => {
    const li = /** @type {HTMLElement} */ (element);
    return {
      li,
      index,
      title: li.querySelector("h2")?.textContent ?? "",
      text: fold(li.textContent ?? ""),
      type: li.dataset.type ?? "",
      date: li.dataset.date ?? "",
      minutes: Number(li.dataset.minutes),
      categories: [...li.querySelectorAll("[data-category]")].map((a) => /** @type {HTMLElement} */ (a).dataset.category),
    };
  });
  const orders = {
    index: (/** @type {any} */ a, /** @type {any} */ b) => a.index - b.index,
    title: (/** @type {any} */ a, /** @type {any} */ b) => a.title.localeCompare(b.title),
    date: (/** @type {any} */ a, /** @type {any} */ b) => b.date.localeCompare(a.date),
    minutes: (/** @type {any} */ a, /** @type {any} */ b) => a.minutes - b.minutes,
  };

  const category = () => {
    const match = /^#category=(.*)$/.exec(location.hash);
    try { return match ? decodeURIComponent(match[1]) : ""; } catch { return ""; }
  };

  function update() {
    const data = new FormData(/** @type {HTMLFormElement} */ (form));
    const words = fold(String(data.get("text") ?? "")).split(/\s+/).filter(Boolean);
    const wanted = category();
    const types = data.getAll("type");
    let shown = 0;
    for (const item of items) {
      const fits =
        (!types.length || types.includes(item.type)) &&
        (!wanted || item.type === wanted || item.categories.includes(wanted)) &&
        words.every((word) => item.text.includes(word));
      item.li.hidden = !fits;
      shown += Number(fits);
    }
    const order = /** @type {keyof typeof orders} */ (data.get("order"));
    list?.append(...[...items].sort(orders[order]).map((item) => item.li));
    if (output) output.textContent = `${shown} of ${items.length} notes${wanted ? ` in ${wanted}` : ""}`;
  }

  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    history.replaceState(null, "", location.pathname + location.search);
    setTimeout(update);
  });
  addEventListener("hashchange", update);
  update();
})();
