// @ts-check
// What the drawings of vis-network have in common: the look, which follows the theme. Signature: globals.d.ts.

/** @type {Drawing} */
const typedwikiDrawing = (stage, types, nodes, edges, direction) => {
  const look = () => {
    const { color, backgroundColor: background, fontFamily: face } = getComputedStyle(document.body);
    const groups = types.map((type) => {
      const own = { background, border: getComputedStyle(stage).getPropertyValue(`--tw-${type}`) || color };
      return [type, { color: { ...own, highlight: own, hover: own }, font: { color } }];
    });
    return {
      physics: false,
      groups: Object.fromEntries(groups),
      nodes: { shape: "box", borderWidth: 2, borderWidthSelected: 4, margin: 8, font: { face } },
      edges: {
        color: { color, opacity: 0.45, highlight: color, hover: color },
        selectionWidth: 3,
        font: { size: 11, color, background, strokeWidth: 0, face },
        smooth: { enabled: true, type: "cubicBezier", forceDirection: direction, roundness: 0.4 },
      },
      interaction: { hover: true, tooltipDelay: 150, dragNodes: false },
    };
  };
  const network = new vis.Network(stage, { nodes, edges }, look());
  network.on("hoverNode", () => { stage.style.cursor = "pointer"; });
  network.on("blurNode", () => { stage.style.cursor = ""; });
  typedwiki.onTheme(() => {
    network.setOptions(look());
    // Nodes take their group's colours anew only when they are updated.
    nodes.update(nodes.map(({ id, group }) => ({ id, group })));
  });
  return network;
};
