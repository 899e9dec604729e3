// @ts-check
// The relations of a wiki as a tree for keyboard and screen reader: the "navigation treeview" of the
// WAI-ARIA Authoring Practices. A branch is built when it is opened.

/** @type {Outline} */
const typedwikiOutline = (tree, { pages, slug, url }, { edges, roots }, met) => {
  const { make } = typedwiki;
  /** The branches below each page, with the label of each edge. @type {Branch[][]} */
  const below = pages.map(() => []);
  for (const [word, down, pairs] of edges) {
    for (let i = 0; down && i < pairs.length; i += 2) below[pairs[i]].push([pairs[i + 1], `${word} `]);
  }

  /** @type {(inside: Branch[], trail: Root[]) => Node[]} */
  const branches = (inside, trail) => inside.map(([root, word = ""]) => {
    const page = typeof root === "number" ? root : undefined;
    /** @type {[string, Branch[]]} */
    const [label, next] = typeof root === "number" ? [pages[root][1], below[root]] : [root[0], root[1].map((inner) => [inner])];
    const item = make(page === undefined ? "span" : "a",
      { role: "treeitem", ariaLevel: trail.length + 1, tabIndex: -1, page, inside: () => branches(next, [...trail, root]) },
      make("i"), make("small", {}, word), make("span", {}, label));
    if (page !== undefined) Object.assign(item, { href: url(page), className: slug(page) });
    // Cycles end here.
    if (next.length && !trail.includes(root)) item.ariaExpanded = "false";
    return make("li", { role: "none" }, item);
  });

  /** Opens or closes a branch. @param {any} item */
  function toggle(item) {
    if (!item.ariaExpanded) return;
    const opens = item.ariaExpanded === "false";
    item.ariaExpanded = String(opens);
    if (opens) item.after(make("ul", { role: "none" }, ...item.inside()));
    else item.nextElementSibling.remove();
  }

  let typed = "", last = 0;
  tree.onkeydown = (event) => {
    const { key, timeStamp, target: item } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || (key === "Enter" && item.href)) return;
    const all = [...tree.querySelectorAll("[role=treeitem]")];
    const at = all.indexOf(item);
    const isOpen = item.ariaExpanded === "true";
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1, ArrowRight: isOpen ? at + 1 : undefined }[String(key)];
    let next = all[to ?? -1];
    if (to !== undefined) next?.focus();
    else if (key === "ArrowLeft" && !isOpen) item.closest("ul").previousElementSibling?.focus();
    else if (/^(Arrow.*|Enter| )$/.test(key)) toggle(item);
    else if (key.length === 1) {
      typed = (timeStamp - last < 600 ? typed : "") + key.toLowerCase();
      last = timeStamp;
      const from = at + Number(typed.length === 1);
      next = [...all.slice(from), ...all].find(({ lastChild }) => lastChild.textContent.toLowerCase().startsWith(typed));
      next?.focus();
    } else return;
    event.preventDefault();
  };

  tree.onclick = (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || (item.href && event.target.tagName !== "I")) return;
    event.preventDefault();
    item.focus();
    toggle(item);
  };

  tree.addEventListener("focusin", (/** @type {any} */ { target: item }) => {
    tree.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    item.tabIndex = 0;
    met(item.page);
  });

  tree.append(...branches(roots.map((root) => [root]), []));
  tree.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
};
