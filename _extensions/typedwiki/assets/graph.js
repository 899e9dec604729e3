// @ts-check
// Draws the neighbourhood graphs. Nothing is loaded before a graph comes into view.

typedwiki.whenSeen(".tw-graph", async (box) => {
  await typedwiki.data("vis-network.min.js");
  const { make } = typedwiki;
  const data = JSON.parse(box.dataset.graph);
  const nodes = new vis.DataSet(data.nodes);
  const types = [...new Set(nodes.map(({ group }) => group))];
  const canvas = make("div", { className: "tw-graph-canvas" });
  const names = types.map((type) => make("span", { className: `tw-${type}` }, type[0].toUpperCase() + type.slice(1).replaceAll("-", " ")));
  box.append(canvas, make("div", { className: "tw-legend", ariaHidden: "true" }, ...names));

  const network = typedwikiDrawing(canvas, types, nodes, new vis.DataSet(data.edges), "horizontal");
  network.setOptions({
    nodes: { widthConstraint: { maximum: 150 } },
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
