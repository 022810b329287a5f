// @ts-check
// The picture of a chart: Plotly lays it out once more, for the sheet.

import { FONT } from "./fonts.js";
import { headerOf } from "./sheet.js";

/** @typedef {import("./take_away.js").Wish} Wish */
/** @typedef {{ data: object[], layout: any }} Plot the element that Plotly draws in */
/** @typedef {{ toImage: (figure: object, options: object) => Promise<string> }} PlotlyOnPage */

const SPARED = 12; // pixels of the upper margin, as the header has a margin of its own
const GRID = "rgba(128,128,128,0.3)";

/** @param {string} name @returns {Plot | null} */
export function chartNamed(name) {
  const found = document.querySelector(`.st-key-${CSS.escape(name)} .js-plotly-plot`);
  return /** @type {Plot | null} */ (/** @type {unknown} */ (found));
}

/** @param {Wish} wish @param {Plot} plot @returns {Promise<SVGSVGElement>} */
export async function chartPicture(wish, plot) {
  const { Plotly } = /** @type {{ Plotly?: PlotlyOnPage }} */ (/** @type {unknown} */ (globalThis));
  if (!Plotly) throw new Error("the charts of this page are still loading");
  const { zoom } = wish.size;
  const layout = laidOut(wish, structuredClone(plot.layout));
  const figure = { data: plot.data, layout, config: { staticPlot: true } };
  const { width, height } = layout;
  const url = await Plotly.toImage(figure, { format: "svg", width, height, scale: zoom });
  const text = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  const page = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  page.setAttribute("font-family", FONT);
  return /** @type {SVGSVGElement} */ (/** @type {unknown} */ (page));
}

/** @param {Wish} wish @param {Plot["layout"]} layout as it is on the page @returns {Plot["layout"]} */
export function laidOut({ size, ground, title, text, measure }, layout) {
  const { zoom } = size;
  const header = headerOf(size, title, text, measure);
  const signature = layout.meta?.signature ?? 0; // pixels of the line that the chart bears on the page
  const above = Math.max(0, (layout.margin?.t ?? 0) - signature - SPARED) + header.height / zoom;
  const height = size.height ? size.height / zoom : layout.height - signature + header.height / zoom;
  const paper = ground.paper === "none" ? "rgba(0,0,0,0)" : ground.paper;
  const axis = { gridcolor: GRID, zerolinecolor: GRID, automargin: true, title: { standoff: 8 } };
  return {
    ...layout,
    template: { layout: { xaxis: axis, yaxis: axis } },
    annotations: (layout.annotations ?? []).filter((/** @type {{ name?: string }} */ each) => each.name !== "signature"),
    width: size.width / zoom,
    height: Math.round(height),
    autosize: false,
    paper_bgcolor: paper,
    plot_bgcolor: paper,
    font: { ...layout.font, family: FONT, color: ground.ink },
    margin: { ...layout.margin, t: above },
    title: titleOf(size, header),
  };
}

/** @param {import("./sheet.js").Size} size @param {import("./sheet.js").Header} header */
function titleOf({ zoom, title, text, margin }, header) {
  const heading = header.title.map((line) => `<b>${escaped(line)}</b>`).join("<br>");
  const said = header.text.map(escaped).join("<br>");
  return {
    text: `<span style="font-size:${title / zoom}px">${heading}</span><br>${said}`,
    font: { family: FONT, size: text / zoom },
    x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", automargin: false,
    pad: { l: margin / zoom, t: (margin + 0.8 * (title - text)) / zoom },
  };
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
