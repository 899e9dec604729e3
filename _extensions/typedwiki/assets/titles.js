// @ts-check
// Titles for a drawing of the whole wiki at scales at which vis-network hides labels as too small: inside the boxes if
// these have room, otherwise for the first pages of a list, as long as they do not overlap.

/** @type {Titles} */
const typedwikiTitles = (context, network, stage, box, titles) => {
  const [SIZE, ROOM, WIDEST] = [9, 50, 150]; // pixels: font size, minimum width of a box with a title, maximum width of a title without box
  const MOST = 80;
  const scale = network.getScale();
  const size = SIZE / scale;
  const within = box * scale > ROOM;
  const [from, to] = [{ x: 0, y: 0 }, { x: stage.clientWidth, y: stage.clientHeight }].map((corner) => network.DOMtoCanvas(corner));
  const { color, backgroundColor, fontFamily } = getComputedStyle(document.body);
  Object.assign(context, { font: `${size}px ${fontFamily}`, textAlign: "center", textBaseline: "middle", lineWidth: size / 2.5, lineJoin: "round", strokeStyle: backgroundColor, fillStyle: color });
  const widthOf = (/** @type {string} */ text) => context.measureText(text).width;

  /** Wraps a title to a width and a maximum number of lines, and truncates the rest. @param {string} title @param {number} width @param {number} most */
  function wrapped(title, width, most) {
    /** @type {string[]} */
    const lines = [];
    for (const word of title.split(/(?<=[ _.-])|(?<=[a-z])(?=[A-Z])/)) {
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

  /** Left, top, right and bottom of each title without box. @type {[number, number, number, number][]} */
  const taken = [];
  for (const [title, x, y] of titles) {
    if (x < from.x || x > to.x || y < from.y || y > to.y) continue;
    const lines = wrapped(title, within ? box - 2 / scale : WIDEST / scale, within ? 2 : 1);
    if (!within) {
      const [wide, high] = [widthOf(lines[0]) / 2, size * 0.7];
      if (x - wide < from.x || x + wide > to.x) continue;
      if (taken.some(([left, top, right, bottom]) => x - wide < right && x + wide > left && y - high < bottom && y + high > top)) continue;
      if (taken.push([x - wide, y - high, x + wide, y + high]) > MOST) break;
      context.strokeText(lines[0], x, y);
    }
    for (const [i, line] of lines.entries()) context.fillText(line, x, y + (i - (lines.length - 1) / 2) * size);
  }
};
