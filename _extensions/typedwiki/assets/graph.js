// @ts-check
// Draws the neighbourhood graphs. Nothing is loaded before a graph comes into view.

typedwiki.whenSeen(".tw-graph", async (box) => {
  await typedwiki.data("vis-network.min.js");
  const { make } = typedwiki;
  const data = JSON.parse(box.dataset.graph);
  // A narrow view has room for one column: sources, this page, and targets, each further indented.
  const narrow = box.clientWidth < 520;
  if (narrow) {
    data.nodes.sort((/** @type {any} */ a, /** @type {any} */ b) => Math.sign(a.x) - Math.sign(b.x) || a.y - b.y);
    data.nodes.forEach((/** @type {any} */ node, /** @type {number} */ i) => Object.assign(node, { x: 70 * Math.sign(node.x), y: 62 * i }));
    box.style.height = `${62 * data.nodes.length + 60}px`;
  }
  for (const node of data.nodes) node.label = node.label.replace(/\S{23,}/g, (/** @type {string} */ word) => word.replace(/(.{6,20}[_.-])(?=.)/g, "$1\n"));
  // Parallel edges of a type share one label.
  /** @type {Record<string, any[]>} */
  const bundles = {};
  for (const edge of data.edges) (bundles[`${edge.label} ${edge.from ? "in" : "out"}`] ??= []).push(edge);
  // Staggered boxes lie in the way of the longer edges, and on their labels.
  const far = Object.fromEntries(data.nodes.map((/** @type {any} */ { id, x }) => [id, Math.abs(x)]));
  const inner = Math.min(...Object.values(far).filter(Boolean));
  for (const bundle of Object.values(bundles)) {
    const near = Math.min(...bundle.map(({ from, to }) => far[from || to]));
    const short = bundle.filter(({ from, to }) => far[from || to] === near);
    for (const edge of bundle) if (narrow || near > inner || edge !== short[short.length >> 1]) edge.label = undefined;
  }
  const nodes = new vis.DataSet(data.nodes);
  const types = [...new Set(nodes.map(({ group }) => group))];
  const canvas = make("div", { className: "tw-graph-canvas" });
  const names = types.map((type) => make("span", { className: `tw-${type}` }, type[0].toUpperCase() + type.slice(1).replaceAll("-", " ")));
  box.append(canvas, make("div", { className: "tw-legend", ariaHidden: "true" }, ...names));

  const network = typedwikiDrawing(canvas, types, nodes, new vis.DataSet(data.edges), "horizontal");
  network.setOptions({
    nodes: { widthConstraint: { maximum: 190 } },
    edges: { arrows: { to: { scaleFactor: 0.6 } } },
    interaction: { zoomView: false },
  });
  const fit = () => {
    network.redraw();
    network.fit({ animation: false, maxZoomLevel: 1 });
  };
  fit();
  new ResizeObserver(fit).observe(box);
  network.on("click", ({ nodes: [id], event }) => {
    if (id !== undefined) typedwiki.go(nodes.get(id).url, event.srcEvent);
  });
  network.on("hoverNode", async ({ node: id }) => {
    const wiki = await typedwiki.pages();
    const { url, title } = nodes.get(id);
    const page = wiki.find(url);
    if (page >= 0 && !title) nodes.update({ id, title: make("div", {}, ...wiki.about(page)) });
  });
  Object.assign(box, { network });
});
