// @ts-check
// The picture of a figure that draws itself: of the viewer, of the bench, of a piece of the page.

import { figures } from "../shared/figures.js";
import { headerOf, sheet } from "./sheet.js";
import { Stage } from "./stage.js";
import { Tracer } from "./trace.js";

/** @typedef {import("./sheet.js").Size} Size */
/** @typedef {import("./take_away.js").Wish} Wish */

const ZOOMS = [1, 1.3, 1.7, 2.3]; // windows that are tried have the sheet's width, divided by these,
const HEIGHTS = [1, 1.12, 1.25, 1.5]; // and its height times these, since some figures leave room for a page around them
const ENOUGH = 0.9; // of the largest pictures: among windows that show them as large, the one with the largest letters
const READABLE = 16; // pixels of the smallest letters on a slide, where a window gives so many
const TALL = 2.2; // height over width of the window for a sheet whose height the picture decides

/** @param {Wish} wish @param {import("../shared/figures.js").Figure} figure @returns {Promise<SVGSVGElement>} */
export async function drawnPicture({ size, ground, title, text, font, measure, recoloured }, figure) {
  const header = headerOf(size, title, [figure.told(), text].filter(Boolean).join(" · "), measure);
  const stage = new Stage(figure, ground, font, recoloured);
  try {
    const room = { width: size.width - 2 * size.margin, height: (size.height ?? Infinity) - header.height - size.margin };
    const { box, scale } = await fitted(stage, size, room);
    const height = size.height ?? Math.ceil(header.height + scale * box.height + size.margin);
    const page = sheet(size, ground, header, height);
    const group = new Tracer(figure.signs).trace(stage.figure);
    const left = size.margin + (room.width - scale * box.width) / 2 - scale * box.left;
    const down = size.height ? (room.height - scale * box.height) / 2 : 0;
    const top = header.height + down - scale * box.top;
    group.setAttribute("transform", `translate(${left.toFixed(2)} ${top.toFixed(2)}) scale(${scale.toFixed(4)})`);
    page.append(group);
    return page;
  } finally {
    stage.end();
  }
}

/**
 * The figure in the window in which its pictures are large, and its letters too, and how much it is enlarged then.
 * @param {Stage} stage
 * @param {Size} size
 * @param {{ width: number, height: number }} room
 */
async function fitted(stage, size, room) {
  const tried = [];
  for (const [width, height] of windows(size, room)) {
    const box = await stage.resize(width, height);
    const scale = scaleIn(room, box);
    const [area, letters] = [scale * scale * areaOfPictures(stage.figure), scale * smallestLetters(stage.figure)];
    tried.push({ width, height, scale, area, letters });
  }
  const read = tried.filter(({ letters }) => letters >= READABLE);
  const among = read.length ? read : tried;
  const most = Math.max(...among.map(({ area }) => area));
  const good = among.filter(({ area }) => area >= ENOUGH * most);
  const { width, height } = good.reduce((best, each) => (each.scale > best.scale ? each : best));
  const box = await stage.resize(width, height);
  return { box, scale: scaleIn(room, box) };
}

/** @param {Element} figure */
function areaOfPictures(figure) {
  const boxes = [...figure.querySelectorAll("canvas, svg, img")].map((each) => each.getBoundingClientRect());
  return boxes.reduce((sum, { width, height }) => sum + width * height, 1);
}

/** @param {Element} figure @returns {number} pixels */
function smallestLetters(figure) {
  const spoken = [...figure.querySelectorAll("*")].filter((each) => !each.firstElementChild && each.textContent?.trim());
  const seen = spoken.filter((each) => each.getClientRects().length);
  return Math.min(...seen.map((each) => parseFloat(getComputedStyle(each).fontSize)));
}

/** Widths and heights. @param {Size} size @param {{ width: number, height: number }} room @returns {number[][]} */
function windows(size, { width, height }) {
  if (!size.height) return [[width / size.zoom, (TALL * width) / size.zoom]];
  return ZOOMS.flatMap((zoom) => HEIGHTS.map((high) => [width / zoom, (high * height) / zoom]));
}

/** @param {{ width: number, height: number }} room @param {DOMRect} box */
function scaleIn(room, box) {
  return Math.min(room.width / box.width, room.height / box.height);
}

/**
 * A piece of the page that is no component.
 * @param {Element} element
 * @returns {import("../shared/figures.js").Figure}
 */
function pieceOfPage(element) {
  const copyInto = (/** @type {HTMLElement} */ parent) => {
    parent.append(element.cloneNode(true));
    return () => {};
  };
  return { element, copyInto, told: () => "", tools: "style", signs: {} };
}

/** @param {string} name @returns {import("../shared/figures.js").Figure | null} */
export function figureNamed(name) {
  const piece = document.querySelector(`.st-key-${CSS.escape(name)} [data-testid=stHtml]`);
  return figures().get(name) ?? (piece && pieceOfPage(piece));
}
