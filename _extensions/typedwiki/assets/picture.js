// @ts-check
// The Graph page as it opens: all of the wiki, drawn once. vis-network, by which readers move in it, weighs as much as a
// dozen pages, so it is loaded at the first move towards the drawing, its controls or the outline: see network.js.

/** The box of a node, with the margin that drawing.js sets. @type {Outer} */
const typedwikiOuter = ([, left, top, width, height]) => [left - 8, top - 8, width + 16, height + 16];

// Titles for a drawing at scales at which vis-network hides labels as too small: inside the boxes if these have room,
// otherwise for the first pages of a list that have room above or below, where they cover no box and no other title.
/** @type {Titles} */
const typedwikiTitles = (context, network, stage, [box, tall], titles, font = 0, boxes = []) => {
  // Pixels: font size, minimum width of a box with a title (unless that is its only place), maximum width of one beside it.
  const [SIZE, ROOM, WIDEST] = [9, boxes.length ? 50 : 30, 150];
  const TRIED = 300; // titles beside boxes, for which room is looked for
  const scale = network.getScale();
  const size = Math.max(font, SIZE / scale);
  const within = box * scale > ROOM;
  const [from, to] = [{ x: 0, y: 0 }, { x: stage.clientWidth, y: stage.clientHeight }].map((corner) => network.DOMtoCanvas(corner));
  const { color, backgroundColor, fontFamily } = getComputedStyle(document.body);
  Object.assign(context, { font: `${size}px ${fontFamily}`, textAlign: "center", textBaseline: "middle", lineWidth: size / 2.5, lineJoin: "round", strokeStyle: backgroundColor, fillStyle: color });
  const widthOf = (/** @type {string} */ text) => context.measureText(text).width;

  /** Wraps a title to a width and a maximum number of lines, and truncates the rest. @param {string} title @param {number} width @param {number} most */
  function wrapped(title, width, most) {
    /** @type {string[]} */
    const lines = [];
    for (const word of title.split(/(?<=[ _.-])|(?<=[a-z])(?=[A-Z][a-z]|\d)/)) {
      const last = lines.length - 1;
      if (last >= 0 && (widthOf(lines[last] + word.trimEnd()) <= width || last === most - 1)) lines[last] += word;
      else lines.push(word);
    }
    return lines.map((line) => {
      let cut = line = line.trimEnd();
      while (cut.length > 1 && widthOf(cut) > width) cut = `${line = line.slice(0, -1)}…`;
      return cut;
    });
  }

  const seen = titles.filter(([, x, y]) => x >= from.x && x <= to.x && y >= from.y && y <= to.y);
  if (within) for (const [title, x, y] of seen) {
    const lines = wrapped(title, box - 2 / scale, Math.min(3, Math.floor((tall + 16) / size)));
    for (const [i, line] of lines.entries()) context.fillText(line, x, y + (i - (lines.length - 1) / 2) * size);
  }
  if (within || !boxes.length) return;

  const [high, gap, half] = [size * 1.3, 2 / scale, tall / 2 + 8];
  const taken = boxes.filter(([x, y, w, h]) => x < to.x && x + w > from.x && y < to.y && y + h > from.y);
  for (const [title, x, y, colour] of seen.slice(0, TRIED)) {
    const [text] = wrapped(title, WIDEST / scale, 1);
    const wide = widthOf(text) + gap;
    const left = Math.min(Math.max(x - wide / 2, from.x), to.x - wide); // moved into view
    const isFree = (/** @type {number} */ top) => top >= from.y && top + high <= to.y
      && !taken.some(([x, y, w, h]) => left < x + w && left + wide > x && top < y + h && top + high > y);
    const top = wide <= box && high <= tall ? y - high / 2 : [y - half - gap - high, y + half + gap].find(isFree);
    if (top === undefined) continue;
    taken.push([left, top, wide, high]);
    context.fillStyle = colour ?? color;
    context.strokeText(text, left + wide / 2, top + high / 2);
    context.fillText(text, left + wide / 2, top + high / 2);
  }
};

/** Returns the colour of each type in the current theme. @type {Colours} */
const typedwikiColours = ({ types }) => types.map(([slug]) => getComputedStyle(document.body).getPropertyValue(`--tw-${slug}`));

/** @type {Icons} */
const typedwikiIcons = (context, wiki, layers, marks) => {
  const icons = layers.types.map(([, path]) => new Path2D(path));
  const colours = typedwikiColours(wiki);
  const { backgroundColor } = getComputedStyle(document.body);
  for (const [type, x, y] of marks) {
    context.save();
    context.translate(x - 7, y - 7);
    context.scale(14 / 24, 14 / 24);
    context.fillStyle = backgroundColor;
    context.fillRect(0, 0, 24, 24);
    context.fillStyle = colours[type];
    context.fill(icons[type]);
    context.restore();
  }
};

/** @type {Selected} */
const typedwikiSelected = (form, { pages }, { cluster, edges }, open) => {
  const controls = new FormData(form);
  const types = controls.getAll("types");
  const all = [...pages.keys()];
  /** @param {number} page */
  const node = (page) => !types.includes(String(pages[page][2])) ? undefined : open.has(cluster[page]) ? page : -1 - cluster[page];
  /** @type {number[][][]} */
  const near = [all.map(() => []), all.map(() => [])];
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [, down, pairs] of controls.getAll("edges").map((i) => edges[Number(i)])) {
    for (let i = 0; i < pairs.length; i += 2) {
      const [source, target] = [pairs[i], pairs[i + 1]];
      const [from, to] = [node(source), node(target)];
      if (from === undefined || to === undefined) continue;
      if (down) near[0][source].push(target), near[1][target].push(source);
      const id = `${from} ${to}`;
      if (from !== to) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const degree = all.map((page) => near[0][page].length + near[1][page].length);
  return {
    node, near,
    lines: [...counts].map(([id, count]) => {
      const [from, to] = id.split(" ").map(Number);
      return { id, from, to, width: 1 + Math.log2(count) };
    }),
    shown: [...new Set(all.map(node))].filter((id) => id !== undefined),
    byDegree: all.filter((page) => node(page) === page).sort((a, b) => degree[b] - degree[a]),
  };
};

void (async () => {
  const [LABEL, BOX, HIGH] = [12, 132, 36]; // size of a label, and of a page's box, in pixels at scale 1
  const { one, make, data } = typedwiki;
  const [wiki] = await Promise.all([typedwiki.pages(), data("layers.js")]);
  const layers = window.typedwikiLayers;
  const { x, y, clusters } = layers;
  const { pages } = wiki;
  const [box, tree] = [".tw-network", ".tw-outline ul"].map(one);
  /** @type {any} */
  const stage = one(".tw-stage");
  const form = box.querySelector("form");
  box.querySelector("details").open = innerWidth > 700;
  const canvas = make("canvas");
  stage.append(canvas);

  /** @type {Frame} */
  // graph_layout.py leaves room for pages of this size.
  const frame = (id) => id < 0 ? clusters[-1 - id] : [pages[id][1], x[id] - BOX / 2, y[id] - HIGH / 2, BOX, HIGH];
  const fontSize = (/** @type {number} */ id) => id < 0 ? Math.min(frame(id)[4] / 6, frame(id)[3] / 12) : LABEL;

  function draw() {
    const { shown, lines, byDegree } = typedwikiSelected(form, wiki, layers, new Set(clusters.length > 1 ? [] : [0]));
    const boxes = shown.map(frame).map(typedwikiOuter);
    const [left, top] = [0, 1].map((i) => Math.min(...boxes.map((at) => at[i])));
    const [right, bottom] = [0, 1].map((i) => Math.max(...boxes.map((at) => at[i] + at[i + 2])));
    const { clientWidth, clientHeight } = stage;
    const dots = devicePixelRatio;
    // As `fit` of vis-network, so that nothing moves when it takes over.
    const scale = Math.min(1, clientWidth / 1.1 / (right - left), clientHeight / 1.1 / (bottom - top));
    const [dx, dy] = [clientWidth - scale * (left + right), clientHeight - scale * (top + bottom)].map((rest) => rest / 2);
    Object.assign(canvas, { width: clientWidth * dots, height: clientHeight * dots }).style.width = "100%";
    const context = canvas.getContext("2d");
    context.setTransform(dots * scale, 0, 0, dots * scale, dots * dx, dots * dy);

    const { color, backgroundColor } = getComputedStyle(document.body);
    const colours = typedwikiColours(wiki);
    const centre = (/** @type {number} */ id) => [frame(id)[1] + frame(id)[3] / 2, frame(id)[2] + frame(id)[4] / 2];
    Object.assign(context, { strokeStyle: color, globalAlpha: 0.45 });
    for (const { from, to, width } of lines) {
      const [[ax, ay], [bx, by]] = [centre(from), centre(to)];
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(ax, ay);
      context.bezierCurveTo(ax, ay + 0.4 * (by - ay), bx, by - 0.4 * (by - ay), bx, by);
      context.stroke();
    }
    Object.assign(context, { fillStyle: backgroundColor, lineWidth: 2 / scale, globalAlpha: 1 });
    for (const [i, id] of shown.entries()) {
      context.strokeStyle = (id >= 0 && colours[pages[id][2]]) || color;
      context.beginPath();
      context.roundRect(...boxes[i], 6);
      context.fill();
      context.stroke();
    }
    const seen = { getScale: () => scale, DOMtoCanvas: (/** @type {any} */ at) => ({ x: (at.x - dx) / scale, y: (at.y - dy) / scale }) };
    for (const id of shown) {
      const [[label, , , ...size], [across, down]] = [frame(id), centre(id)];
      if (id < 0) typedwikiTitles(context, seen, stage, size, [[label, across, down]], fontSize(id));
    }
    typedwikiTitles(context, seen, stage, [BOX, HIGH], byDegree.map((id) => [pages[id][1], x[id], y[id], colours[pages[id][2]]]), LABEL, boxes);
    if (scale >= 0.4) typedwikiIcons(context, wiki, layers, byDegree.map((id) => [pages[id][2], frame(id)[1] - 8, y[id]]));
  }

  /** A button that was clicked before it worked. @type {any} */
  let late;
  /** @type {ReturnType<Network> | undefined} */
  let network;
  /** @type {Promise<unknown> | undefined} */
  let begun;
  const begin = () => begun ??= Promise.all([data("vis-network.min.js"), typedwiki.use("drawing.js", "network.js")]).then(() => {
    network = typedwikiNetwork(wiki, layers, frame, fontSize);
    late?.click();
  });
  const redraw = () => network || draw();

  draw();
  new ResizeObserver(redraw).observe(stage);
  typedwiki.onTheme(redraw);
  form.onsubmit = () => false;
  box.onclick = ({ target }) => { late = target.closest("form button"); };
  box.addEventListener("change", redraw);
  for (const type of ["pointerover", "focusin"]) box.addEventListener(type, begin, { once: true });
  addEventListener("hashchange", begin);
  if (location.hash.startsWith("#focus=")) void begin();
  typedwikiOutline(tree, wiki, layers, (page) => void begin().then(() => network?.point(page)));
  box.dataset.drawn = "picture";
})();
