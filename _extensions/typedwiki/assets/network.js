// @ts-check
// The Graph page. The build computes positions (scripts/typedwiki/pages/overview.py). A node is a page, by its number,
// or a collapsed cluster: -1 for the first, -2 for the second, and so on.

void (async () => {
  const [wiki] = await Promise.all([typedwiki.pages(), typedwiki.data("layers.js"), typedwiki.data("vis-network.min.js")]);
  const { one, make, say } = typedwiki;
  const [LABEL, BOX] = [12, 132]; // size of a label and width of a page's box, in pixels at scale 1
  const { pages } = wiki;
  const layers = window.typedwikiLayers;
  const { clusters, cluster } = layers;
  const many = clusters.length > 1;
  const all = [...pages.keys()];
  const animation = !matchMedia("(prefers-reduced-motion: reduce)").matches && { duration: 300 };
  const titles = pages.map(([, title, type, , space]) => `${title} (${[wiki.types[type][1], wiki.namespaces[1] && wiki.namespaces[space]].filter(Boolean).join(", ")})`);

  const [box, stage, tree] = [".tw-network", ".tw-stage", ".tw-outline ul"].map(one);
  const [form, details, card, search, offers, output] =
    ["form", "details", ".tw-network-card", "input", "datalist", "output"].map((part) => box.querySelector(part));
  details.open = innerWidth > 700;
  const folded = titles.map((title) => title.toLowerCase());

  const open = new Set(many ? [] : [0]);
  /** @type {FormDataEntryValue[]} */
  let types = [];
  /** Down and up: the neighbours of each page. @type {number[][][]} */
  let near = [];
  /** Pages, those with most connections first. @type {number[]} */
  let byDegree = [];
  /** @type {number | undefined} */
  let chosen;
  /** @type {number | undefined} */
  let pointed;

  /** Returns the node that shows a page, if any. @param {number} page */
  const node = (page) => !types.includes(String(pages[page][2])) ? undefined : open.has(cluster[page]) ? page : -1 - cluster[page];

  /** @param {number} id */
  function drawn(id) {
    // graph_layout.py leaves room for pages of this size.
    const [label, left, top, width, height] = id < 0 ? clusters[-1 - id] : [pages[id][1], layers.x[id] - BOX / 2, layers.y[id] - 18, BOX, 36];
    return {
      id, label, group: id < 0 ? "cluster" : wiki.types[pages[id][2]][0], x: left + width / 2, y: top + height / 2,
      font: { size: id < 0 ? Math.min(height / 6, width / 12) : LABEL },
      widthConstraint: { minimum: width, maximum: width },
      heightConstraint: { minimum: height },
    };
  }

  const [nodes, edges] = [new vis.DataSet(), new vis.DataSet()];
  const network = typedwikiDrawing(stage, [...wiki.types.map(([slug]) => slug), "cluster"], nodes, edges, "vertical");
  network.setOptions({ interaction: { selectable: false } });

  /** Draws the selection of the controls. */
  function update() {
    const controls = new FormData(form);
    types = controls.getAll("types");
    near = [all.map(() => []), all.map(() => [])];
    /** Number of edges that each line represents. @type {Map<string, number>} */
    const counts = new Map();
    for (const [, down, pairs] of controls.getAll("edges").map((i) => layers.edges[Number(i)])) {
      for (let i = 0; i < pairs.length; i += 2) {
        const [source, target] = [pairs[i], pairs[i + 1]];
        const [from, to] = [node(source), node(target)];
        if (from === undefined || to === undefined) continue;
        if (down) near[0][source].push(target), near[1][target].push(source);
        const id = `${from} ${to}`;
        if (from !== to) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    const shown = new Set(all.map(node).filter((id) => id !== undefined));
    const degree = all.map((page) => near[0][page].length + near[1][page].length);
    byDegree = all.filter((page) => node(page) === page).sort((a, b) => degree[b] - degree[a]);
    edges.clear();
    nodes.remove(nodes.getIds().filter((/** @type {number} */ id) => !shown.has(id)));
    nodes.update([...shown].map(drawn));
    edges.add([...counts].map(([id, count]) => {
      const [from, to] = id.split(" ").map(Number);
      return { id, from, to, width: 1 + Math.log2(count) };
    }));
    form.collapse.hidden = !many || !open.size;
    point();
  }

  /** Highlights a page with all that is up- and downstream of it, or a cluster. */
  function point(id = chosen) {
    pointed = id;
    card.replaceChildren();
    network.unselectAll();
    if (id === undefined) return;
    if (id < 0) return card.append(clusters[-1 - id][0], make("p", {}, say("expand")));
    /** @type {string[]} */
    const lines = [];
    const ways = near.map((next, way) => {
      const found = new Set([id]);
      for (const page of found) for (const other of next[page]) {
        found.add(other);
        lines.push((way ? [other, page] : [page, other]).map(node).join(" "));
      }
      return found;
    });
    const lit = ways.flatMap((way) => [...way].map(node)).filter((id) => id !== undefined);
    network.setSelection({ nodes: lit, edges: lines.filter((line) => edges.get(line)) }, { highlightEdges: false });
    card.append(wiki.link(id), make("p", {}, pages[id][3]), make("p", {}, say("above-below", { above: ways[1].size - 1, below: ways[0].size - 1 })));
  }

  /** Brings some nodes, or all, into view. */
  function fit(wanted = nodes.getIds(), move = animation) {
    network.fit({ nodes: wanted, animation: move });
  }

  /** Moves to a page: shows all that is highlighted or, if labels would be too small, its surroundings. @param {number} page */
  function go(page) {
    network.fit({ nodes: network.getSelectedNodes(), animation: false });
    if (network.getScale() < 0.7) network.focus(page, { scale: 1, animation });
  }

  /** Keeps a page highlighted and moves to it, or clears the highlight. @param {number} [page] @param {boolean} [there] */
  function choose(page, there) {
    chosen = page;
    history.replaceState(null, "", page === undefined ? location.pathname + location.search : `#focus=${wiki.name(page)}`);
    if (page !== undefined) {
      details.querySelector(`[name=types][value="${pages[page][2]}"]`).checked = true;
      open.add(cluster[page]);
    }
    update();
    if (there && page !== undefined) go(page);
    output.textContent = page === undefined ? "" : `${titles[page]}: ${card.lastChild.textContent}`;
  }

  /** Moves to the page with the wanted title, or else to the first whose title contains the words. */
  function seek(exactly = false) {
    const [wanted, page] = [search.value.trim().toLowerCase(), titles.indexOf(search.value)];
    if (page >= 0) choose(page, true);
    else if (!wanted) choose();
    else if (!exactly) choose(all.find((page) => folded[page].includes(wanted)), true);
    return false;
  }
  search.oninput = () => {
    const wanted = search.value.trim().toLowerCase(); // offering all pages takes half a second a key
    offers.replaceChildren(...all.filter((page) => wanted && folded[page].includes(wanted)).slice(0, 12).map((page) => new Option(titles[page])));
    seek(true);
  };
  form.onsubmit = () => seek();
  box.onclick = ({ target: { name } }) => {
    const zoom = { in: 1.5, out: 1 / 1.5 }[String(name)];
    if (zoom) network.moveTo({ scale: network.getScale() * zoom });
    if (name === "collapse") { open.clear(); choose(); }
    if (name === "collapse" || name === "fit") fit();
  };
  details.onchange = update;

  stage.onpointermove = ({ pointerType, offsetX, offsetY }) => {
    const id = network.getNodeAt({ x: offsetX, y: offsetY }) ?? chosen;
    if (pointerType !== "touch" && id !== pointed) point(id);
  };
  stage.parentElement.onpointerleave = () => point();
  network.on("click", ({ pointer, event: { pointerType, srcEvent } }) => {
    const id = network.getNodeAt(pointer.DOM);
    if (id === undefined) choose();
    else if (id < 0) {
      open.add(-1 - id);
      update();
      fit(all.filter((page) => node(page) === page && cluster[page] === -1 - id));
    } else if (pointerType === "touch" && id !== chosen) choose(id);
    else typedwiki.go(wiki.url(id), srcEvent);
  });
  network.on("beforeDrawing", (context) => {
    const { color, fontFamily } = getComputedStyle(document.body);
    context.strokeStyle = context.fillStyle = color;
    context.font = `70px ${fontFamily}`;
    for (const [name, left, top, width, height] of many ? [...open].map((i) => clusters[i]) : []) {
      context.strokeRect(left, top, width, height);
      context.fillText(name, left + 60, top + 90, width - 120);
    }
  });
  const icons = layers.types.map(([, path]) => new Path2D(path));
  network.on("afterDrawing", (context) => {
    if (network.getScale() * LABEL < 9) { // as drawing.js hides them
      typedwikiTitles(context, network, stage, BOX, byDegree.map((id) => [pages[id][1], layers.x[id], layers.y[id]]));
    }
    if (network.getScale() < 0.4) return;
    const look = getComputedStyle(document.body);
    const colours = wiki.types.map(([slug]) => look.getPropertyValue(`--tw-${slug}`));
    for (const id of nodes.getIds().filter((/** @type {number} */ id) => id >= 0)) {
      const type = pages[id][2];
      context.save();
      context.translate(network.getBoundingBox(id).left - 7, layers.y[id] - 7);
      context.scale(14 / 24, 14 / 24);
      context.fillStyle = look.backgroundColor;
      context.fillRect(0, 0, 24, 24);
      context.fillStyle = colours[type];
      context.fill(icons[type]);
      context.restore();
    }
  });

  const read = () => {
    const page = wiki.find(location.hash.replace("#focus=", ""));
    if (page >= 0) choose(page, true);
  };
  typedwikiOutline(tree, wiki, layers, point);
  update();
  fit(nodes.getIds(), false); // each frame of a movement draws everything anew
  read();
  addEventListener("hashchange", read);
  Object.assign(box, { network }).dataset.drawn = "true";
})();
