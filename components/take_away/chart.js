// @ts-check
// The picture of a chart: Plotly lays it out once more, for the sheet.

import { FONT } from "./fonts.js";
import { headerOf, sheet } from "./sheet.js";

/** @typedef {import("./take_away.js").Wish} Wish */
/** @typedef {{ data: object[], layout: any }} Plot the element that Plotly draws in */
/** @typedef {{ toImage: (figure: object, options: object) => Promise<string> }} PlotlyOnPage */

const AXIS_TITLE = 14; // pixels, Plotly's own
const ALONG = 0.6; // of the height, that a title beside an axis may take
const GRID = "rgba(128,128,128,0.3)";

/** @param {string} name @returns {Plot | null} */
export function chartNamed(name) {
  const found = document.querySelector(`.st-key-${CSS.escape(name)} .js-plotly-plot`);
  return /** @type {Plot | null} */ (/** @type {unknown} */ (found));
}

/** @param {Wish} wish @param {Plot} plot @returns {Promise<SVGSVGElement>} */
export async function chartPicture({ size, ground, title, text, measure }, plot) {
  const { Plotly } = /** @type {{ Plotly?: PlotlyOnPage }} */ (/** @type {unknown} */ (globalThis));
  if (!Plotly) throw new Error("the charts of this page are still loading");
  const header = headerOf(size, title, text, measure);
  const layout = laidOut(size, ground, header.height, structuredClone(plot.layout));
  fitTitles(layout, measure);
  const { width, height } = layout;
  const figure = { data: plot.data, layout, config: { staticPlot: true } };
  const url = await Plotly.toImage(figure, { format: "svg", width, height, scale: size.zoom });
  const drawn = new DOMParser().parseFromString(decodeURIComponent(url.slice(url.indexOf(",") + 1)), "image/svg+xml");
  const chart = drawn.documentElement;
  for (const [name, value] of [["y", String(header.height)], ["overflow", "visible"]]) chart.setAttribute(name, value);
  const page = sheet(size, ground, header, size.height ?? header.height + size.zoom * height);
  page.append(chart);
  return page;
}

/**
 * @param {import("./sheet.js").Size} size
 * @param {import("./sheet.js").Ground} ground
 * @param {number} above pixels of the sheet over the chart
 * @param {Plot["layout"]} layout as it is on the page
 * @returns {Plot["layout"]}
 */
export function laidOut({ zoom, width, height }, { ink }, above, layout) {
  const signature = layout.meta?.signature ?? 0; // pixels of the lines that the chart bears on the page
  const signed = (/** @type {{ name?: string }} */ each) => each.name === "signature";
  const axis = { gridcolor: GRID, zerolinecolor: GRID, automargin: true, title: { standoff: 8 } };
  return {
    ...layout,
    template: { layout: { xaxis: axis, yaxis: axis } },
    annotations: (layout.annotations ?? []).filter((/** @type {object} */ each) => !signed(each)),
    width: width / zoom,
    height: height ? (height - above) / zoom : layout.height - signature,
    autosize: false,
    paper_bgcolor: "rgba(0,0,0,0)", // the sheet's own ground is below it
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...layout.font, family: FONT, color: ink },
    margin: { ...layout.margin, t: (layout.margin?.t ?? 0) - signature },
  };
}

/**
 * Axes whose titles are no longer than they are: the unit goes on a line of its own.
 * @param {Plot["layout"]} layout
 * @param {(text: string, font: string) => number} measure
 */
function fitTitles(layout, measure) {
  for (const [name, axis] of Object.entries(layout)) {
    const title = name.startsWith("yaxis") && axis.title?.text;
    if (title && measure(title, `${AXIS_TITLE}px ${FONT}`) > ALONG * layout.height)
      axis.title = { ...axis.title, text: title.replace(" (", "<br>(") };
  }
}
