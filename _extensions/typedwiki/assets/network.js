// @ts-check
// Moving in the drawing of the Graph page, once picture.js has loaded vis-network. A node is a page, by its number, or a
// collapsed cluster: -1 for the first, -2 for the second, and so on. The build computes positions (overview.py).

/** @type {Network} */
const typedwikiNetwork = (wiki, layers, frame, fontSize) => {
  const NAME = 70; // size of an open cluster's name
  const { one, make, say } = typedwiki;
  const { pages } = wiki;
  const { clusters, cluster } = layers;
  const many = clusters.length > 1;
  const all = [...pages.keys()];
  const animation = !matchMedia("(prefers-reduced-motion: reduce)").matches && { duration: 300 };
  const titles = pages.map(([, title, type, , space]) => `${title} (${[wiki.types[type][1], wiki.namespaces[1] && wiki.namespaces[space]].filter(Boolean).join(", ")})`);

  const [box, stage] = [".tw-network", ".tw-stage"].map(one);
  const [form, details, card, search, offers, output] =
    ["form", "details", ".tw-network-card", "input", "datalist", "output"].map((part) => box.querySelector(part));
  const folded = titles.map((title) => title.toLowerCase());

  const open = new Set(many ? [] : [0]);
  let selected = typedwikiSelected(form, wiki, layers, open);
  /** @type {number | undefined} */
  let chosen;
  /** @type {number | undefined} */
  let pointed;

  /** @param {number} id */
  function drawn(id) {
    const [label, left, top, width, height] = frame(id);
    return {
      id, label, group: id < 0 ? "cluster" : wiki.types[pages[id][2]][0], x: left + width / 2, y: top + height / 2,
      font: { size: fontSize(id) },
      widthConstraint: { minimum: width, maximum: width },
      heightConstraint: { minimum: height },
    };
  }

  const [nodes, edges] = [new vis.DataSet(), new vis.DataSet()];
  const network = typedwikiDrawing(stage, [...wiki.types.map(([slug]) => slug), "cluster"], nodes, edges, "vertical");
  network.setOptions({ interaction: { selectable: false } });

  /** Draws the selection of the controls. */
  function update() {
    selected = typedwikiSelected(form, wiki, layers, open);
    const { shown, lines } = selected;
    const kept = new Set(shown);
    edges.clear();
    nodes.remove(nodes.getIds().filter((/** @type {number} */ id) => !kept.has(id)));
    nodes.update(shown.map(drawn));
    edges.add(lines);
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
    const { node, near } = selected;
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
      fit(all.filter((page) => selected.node(page) === page && cluster[page] === -1 - id));
    } else if (pointerType === "touch" && id !== chosen) choose(id);
    else typedwiki.go(wiki.url(id), srcEvent);
  });
  network.on("beforeDrawing", (context) => {
    const { color, fontFamily } = getComputedStyle(document.body);
    context.strokeStyle = context.fillStyle = color;
    context.font = `${NAME}px ${fontFamily}`;
    for (const [name, left, top, width, height] of many ? [...open].map((i) => clusters[i]) : []) {
      context.strokeRect(left, top, width, height);
      context.fillText(name, left + 60, top + 90, width - 120);
    }
  });
  network.on("afterDrawing", (context) => {
    const { byDegree, shown } = selected;
    const isHidden = (/** @type {number} */ id) => network.getScale() * fontSize(id) < 9; // by drawing.js
    for (const id of shown.filter((id) => id < 0 && isHidden(id))) {
      const [name, left, top, width, height] = frame(id);
      typedwikiTitles(context, network, stage, [width, height], [[name, left + width / 2, top + height / 2]]);
    }
    if (isHidden(0)) {
      const [, , , ...size] = frame(0);
      const names = many ? [...open].map((i) => clusters[i]) : [];
      const boxes = [...shown.map(frame).map(typedwikiOuter), ...names.map(([, left, top, width]) => [left, top, width, NAME * 1.5])];
      const colours = typedwikiColours(wiki);
      typedwikiTitles(context, network, stage, size, byDegree.map((id) => [pages[id][1], layers.x[id], layers.y[id], colours[pages[id][2]]]), 0, boxes);
    }
    if (network.getScale() >= 0.4) typedwikiIcons(context, wiki, layers, byDegree.map((id) => [pages[id][2], frame(id)[1] - 8, layers.y[id]]));
  });

  const read = () => {
    const page = wiki.find(location.hash.replace("#focus=", ""));
    if (page >= 0) choose(page, true);
  };
  update();
  fit(nodes.getIds(), false); // each frame of a movement draws everything anew
  read();
  if (search.value && chosen === undefined) seek(true);
  addEventListener("hashchange", read);
  Object.assign(box, { network }).dataset.drawn = "true";
  return { point };
};
