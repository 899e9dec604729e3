// @ts-check
// Draws the neighbourhood graphs. Nothing is loaded before a graph comes into view.

(() => {
  /** @type {Map<string, Promise<void>>} */
  const loading = new Map();

  /** Load a script once, by tag: pages opened from a disk cannot fetch. @param {string} src */
  function load(src) {
    const known = loading.get(src);
    if (known) return known;
    const promise = new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = src;
      tag.onload = () => resolve(undefined);
      tag.onerror = () => reject(new Error(`cannot load ${src}`));
      document.head.append(tag);
    });
    loading.set(src, promise);
    return promise;
  }

  /** A custom property as it stands for an element. @param {Element} element @param {string} name */
  const css = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

  /** @param {HTMLElement} box */
  function colours(box) {
    const body = getComputedStyle(document.body);
    /** @type {Record<string, object>} */
    const groups = {};
    for (const { group } of JSON.parse(box.dataset.graph ?? "{}").nodes) {
      const colour = css(box, `--tw-${group}`);
      const background = body.backgroundColor;
      groups[group] = {
        color: { background, border: colour, highlight: { background, border: colour }, hover: { background, border: colour } },
        font: { color: body.color },
      };
    }
    return { groups, text: body.color, back: body.backgroundColor };
  }

  /** @param {HTMLElement} box */
  function options(box) {
    const { groups, text, back } = colours(box);
    return {
      physics: false,
      groups,
      nodes: {
        borderWidth: 2,
        margin: 8,
        widthConstraint: { maximum: 150 },
        font: { size: 14, face: getComputedStyle(document.body).fontFamily },
      },
      edges: {
        color: { color: text, opacity: 0.45, highlight: text, hover: text },
        font: { size: 11, color: text, background: back, strokeWidth: 0, face: getComputedStyle(document.body).fontFamily },
        smooth: { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.4 },
        arrows: { to: { scaleFactor: 0.6 } },
      },
      interaction: { hover: true, tooltipDelay: 150, dragNodes: false, zoomView: false, keyboard: false },
    };
  }

  /** Names of the types in a graph, with their icons. @param {{group: string}[]} nodes */
  function legend(nodes) {
    const list = document.createElement("div");
    list.className = "tw-legend";
    list.setAttribute("aria-hidden", "true");
    for (const group of new Set(nodes.map((node) => node.group))) {
      const item = document.createElement("span");
      item.className = `tw-${group}`;
      item.textContent = group[0].toUpperCase() + group.slice(1).replaceAll("-", " ");
      list.append(item);
    }
    return list;
  }

  /** @param {HTMLElement} box */
  async function draw(box) {
    const assets = box.dataset.assets ?? "";
    await load(`${assets}vis-network.min.js`);
    const vis = /** @type {any} */ (window).vis;
    const data = JSON.parse(box.dataset.graph ?? "{}");
    const canvas = document.createElement("div");
    canvas.className = "tw-graph-canvas";
    box.append(canvas, legend(data.nodes));
    const nodes = new vis.DataSet(data.nodes);
    const network = new vis.Network(canvas, { nodes, edges: new vis.DataSet(data.edges) }, options(box));
    const fit = () => network.fit({ animation: false, maxZoomLevel: 1 });
    fit();
    new ResizeObserver(() => { network.redraw(); fit(); }).observe(box);
    network.on("click", (/** @type {{nodes: number[], event: {srcEvent: MouseEvent}}} */ event) => {
      const node = event.nodes.length ? nodes.get(event.nodes[0]) : undefined;
      if (!node) return;
      const { ctrlKey, metaKey } = event.event.srcEvent;
      if (ctrlKey || metaKey) window.open(node.url);
      else window.location.assign(node.url);
    });
    network.on("hoverNode", (/** @type {{node: number}} */ event) => {
      canvas.style.cursor = "pointer";
      void load(`${assets}pages.js`).then(() => {
        const node = nodes.get(event.node);
        const page = /** @type {any} */ (window).typedwikiPages?.[node.page];
        if (page && !node.title) nodes.update({ id: event.node, title: tip(page) });
      });
    });
    network.on("blurNode", () => { canvas.style.cursor = ""; });
    // The theme toggle changes classes of <body> (Quarto) or an attribute of <html> (draft).
    // Nodes take their group's colours anew only when they are updated.
    const recolour = () => {
      network.setOptions(options(box));
      nodes.update(nodes.map((/** @type {{id: number, group: string}} */ { id, group }) => ({ id, group })));
    };
    // Quarto changes the class first and loads the other theme's style sheet after.
    const follow = new MutationObserver(() => {
      for (const delay of [0, 150, 600]) setTimeout(recolour, delay);
    });
    follow.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    follow.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    Object.assign(box, { network });
    box.dataset.drawn = "true";
  }

  /** @param {[string, string, string, string]} page */
  function tip([title, , overview]) {
    const element = document.createElement("div");
    const name = document.createElement("strong");
    name.textContent = title;
    element.append(name, document.createElement("br"), overview);
    return element;
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      void draw(/** @type {HTMLElement} */ (entry.target));
    }
  }, { rootMargin: "200px" });
  for (const box of document.querySelectorAll(".tw-graph")) watcher.observe(box);
})();
