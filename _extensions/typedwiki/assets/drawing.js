// @ts-check
// The look that all vis-network drawings share, which follows the theme.

/** @type {Drawing} */
const typedwikiDrawing = (stage, types, nodes, edges, direction) => {
  /** Mixes colours to one that vis-network can fade. @param {string[]} colours */
  const opaque = (...colours) => {
    const context = typedwiki.make("canvas").getContext("2d");
    for (context.fillStyle of colours) context.fillRect(0, 0, 1, 1);
    return `rgb(${context.getImageData(0, 0, 1, 1).data.slice(0, 3)})`;
  };
  const look = () => {
    const { color, backgroundColor: background, fontFamily: face } = getComputedStyle(document.body);
    const behind = opaque(background, getComputedStyle(/** @type {Element} */ (stage.parentElement)).backgroundColor);
    const groups = types.map((type) => {
      const own = { background, border: getComputedStyle(stage).getPropertyValue(`--tw-${type}`) || color };
      return [type, { color: { ...own, highlight: own, hover: own }, font: { color } }];
    });
    return {
      physics: false,
      groups: Object.fromEntries(groups),
      // Text too small to read is left out.
      nodes: { shape: "box", borderWidth: 2, borderWidthSelected: 4, margin: 8, font: { face }, scaling: { label: { enabled: true, min: 1, max: 400, drawThreshold: 9 } } },
      edges: {
        color: { color, opacity: 0.45, highlight: color, hover: color },
        selectionWidth: 3,
        // A halo fades with its label when that is too small to read; a background would stay, as a gap in the line.
        font: { size: 12, color, strokeWidth: 3, strokeColor: behind, face, align: "top" },
        scaling: { label: { drawThreshold: 9 } },
        smooth: { enabled: true, type: "cubicBezier", forceDirection: direction, roundness: 0.4 },
      },
      interaction: { hover: true, tooltipDelay: 150, dragNodes: false },
    };
  };
  const network = new vis.Network(stage, { nodes, edges }, look());
  stage.querySelector(".vis-network").tabIndex = -1; // no key does anything there, and it has no name
  network.on("hoverNode", () => { stage.style.cursor = "pointer"; });
  network.on("blurNode", () => { stage.style.cursor = ""; });
  typedwiki.onTheme(() => {
    network.setOptions(look());
    // Nodes take new colours from their group only when updated.
    nodes.update(nodes.map(({ id, group }) => ({ id, group })));
  });
  return network;
};
