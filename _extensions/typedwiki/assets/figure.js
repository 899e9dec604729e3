// @ts-check
// Draws the Plotly figures of notes. Nothing is loaded before a figure comes into view.

typedwiki.whenSeen(".tw-figure", async (box) => {
  /** The look of the site, as defaults for a figure. */
  function template() {
    const style = getComputedStyle(box);
    const { color } = style;
    const colorway = style.getPropertyValue("--tw-figure-colours").trim().split(/\s+/);
    const line = color.replace("rgb(", "rgba(").replace(")", ", 0.2)");
    const axis = { gridcolor: line, zerolinecolor: line, automargin: true };
    const clear = "rgba(0,0,0,0)";
    const map = [{ colorscale: "Viridis", colorbar: { outlinewidth: 0 } }];
    return {
      layout: {
        font: { color, family: style.fontFamily, size: 14 },
        colorway, paper_bgcolor: clear, plot_bgcolor: clear, xaxis: axis, yaxis: axis,
        margin: { t: 64, r: 8, b: 40, l: 40 },
        legend: { orientation: "h", y: 1, yanchor: "bottom", x: 0 },
        modebar: { color, activecolor: colorway[0] },
        dragmode: !matchMedia("(pointer: coarse)").matches && "zoom",
      },
      data: { contour: map, heatmap: map },
    };
  }

  await typedwiki.data("plotly.min.js");
  const [data, { width, height, ...layout }, config, frames] = JSON.parse(box.dataset.figure);
  if (height) box.style.height = `${height}px`;
  const canvas = typedwiki.make("div", { className: "tw-figure-canvas" });
  box.append(canvas);
  await Plotly.newPlot(canvas, {
    data,
    layout: { ...layout, autosize: true, template: template() },
    config: { ...config, responsive: true, displaylogo: false },
    frames,
  });
  // The first layer gets the label; the buttons beside it have their own.
  const [first, ...others] = canvas.querySelectorAll(".main-svg");
  Object.assign(first, { role: "img", ariaLabel: box.dataset.alt ?? layout.title?.text ?? "Figure" });
  for (const svg of others) svg.ariaHidden = "true";
  typedwiki.onTheme(() => Plotly.relayout(canvas, { template: template() }));
});
