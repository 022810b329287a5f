// @ts-check
// One canvas: a map, or several side by side, and the crosshair over them.

import { contextOf, make } from "../shared/dom.js";
import { stacks } from "../shared/stacks.js";

/** @typedef {import("../shared/stacks.js").Plane} Plane */
/** @typedef {import("./affine.js").Place} Place */
/** @typedef {"before" | "after"} Space whether a place is one of x or of T x */
/** @typedef {Place & { space: Space, tile: number }} Spot */
/** @typedef {{ text: string, value: string | number }} Told the value under the crosshair, in words and as a number */

/**
 * @typedef {object} GivenMaps as components.stack_viewer.Maps
 * @property {"maps"} kind
 * @property {string} id
 * @property {string} title
 * @property {string | string[]} text
 * @property {string} stack
 * @property {number[]} planes
 * @property {number} columns
 * @property {string} cmap
 * @property {Space} space
 * @property {number | null | (number | null)[]} receptive
 * @property {Space} receptive_space
 * @property {boolean} image
 * @property {number} width
 * @property {string} colour
 * @property {boolean} covered
 * @property {boolean} dimmed
 * @property {boolean} [in_colour] whether its three planes are red, green and blue of one picture
 */

const UNKNOWN = 255;
const UNKNOWN_COLOUR = 0xff808080; // grey, as everywhere
const BYTES = Uint8Array.from({ length: 255 }, (_, level) => Math.round((level * 255) / 254)); // of levels of a colour

export class Picture {
  /** @param {GivenMaps} given */
  constructor(given) {
    this.given = given;
    /** @type {number | null} the only one of its maps that is shown, by its place */
    this.alone = null;
    /** @type {{ h: number, w: number, columns: number, gap: number, count: number } | null} */
    this.grid = null;
    this.canvas = make("canvas", "maps");
    this.overlay = make("canvas", "overlay");
    for (const each of [this.canvas, this.overlay]) each.setAttribute("aria-hidden", "true");
    this.canvas.dataset.panel = given.id;
  }

  /** @returns {Plane[] | null} one for each of its maps, of a picture in colour the red one; null until they have come */
  planes() {
    const chosen = this.layers();
    if (!chosen || this.given.in_colour) return chosen && chosen.slice(0, 1);
    return this.alone === null ? chosen : [chosen[this.alone]];
  }

  /** @returns {Plane[] | null} all that it is drawn from; null until they have come */
  layers() {
    const stack = stacks().get(this.given.stack);
    return stack ? this.given.planes.map((index) => stack[index]) : null;
  }

  /**
   * @param {number} frame
   * @param {Record<string, Uint32Array>} tables colours of the levels
   * @param {boolean} dark
   * @returns {boolean} whether its maps are here
   */
  draw(frame, tables, dark) {
    const planes = this.planes();
    if (!planes) return false;
    const { given, canvas } = this;
    const [h, w] = planes[0].sizes[at(planes[0], frame)];
    const columns = Math.min(given.columns, planes.length);
    const gap = planes.length > 1 ? 1 : 0;
    this.grid = { h, w, columns, gap, count: planes.length };
    const [width, height] = [columns * (w + gap) - gap, Math.ceil(planes.length / columns) * (h + gap) - gap];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.paint(planes, frame, tables[given.cmap === "diverging" && dark ? "diverging_dark" : given.cmap]);
    const [low, high] = planes[0].limits;
    const alike = planes.every((plane) => plane.limits[0] === low && plane.limits[1] === high);
    Object.assign(canvas.dataset, alike ? { vmin: low, vmax: high } : { vmin: "each", vmax: "each" });
    return true;
  }

  /** @param {Plane[]} planes @param {number} frame @param {Uint32Array} table */
  paint(planes, frame, table) {
    const { width, height } = this.canvas;
    const context = contextOf(this.canvas);
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const [red, green, blue] = this.given.in_colour ? (this.layers() ?? []).map((each) => each.frames[at(each, frame)]) : [];
    if (blue) {
      mix(pixels, red, green, blue);
      context.putImageData(image, 0, 0);
      return;
    }
    planes.forEach((plane, tile) => {
      const levels = plane.frames[at(plane, frame)];
      const { h, w, left, top } = this.corner(tile);
      for (let i = 0, source = 0; i < h; i++) {
        let target = (top + i) * width + left;
        for (let j = 0; j < w; j++) {
          const level = levels[source++];
          pixels[target++] = level === UNKNOWN ? UNKNOWN_COLOUR : table[level];
        }
      }
    });
    context.putImageData(image, 0, 0);
  }

  /** Size and corner of one map, in map pixels. @param {number} tile */
  corner(tile) {
    const { h, w, columns, gap } = this.grid ?? { h: 0, w: 0, columns: 1, gap: 0 };
    return { h, w, left: (tile % columns) * (w + gap), top: Math.floor(tile / columns) * (h + gap) };
  }

  /** @param {MouseEvent} event @returns {Spot | null} the place of the image under the pointer */
  spotOf(event) {
    const planes = this.planes();
    if (!this.grid || !planes) return null;
    const { h, w, columns, gap, count } = this.grid;
    const box = this.canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * this.canvas.width;
    const down = ((event.clientY - box.top) / box.height) * this.canvas.height;
    const [row, column] = [Math.floor(down / (h + gap)), Math.floor(across / (w + gap))];
    const tile = row * columns + column;
    const [i, j] = [Math.floor(down - row * (h + gap)), Math.floor(across - column * (w + gap))];
    if (row < 0 || column < 0 || column >= columns || tile >= count || i >= h || j >= w || i < 0 || j < 0) return null;
    const plane = planes[tile];
    const y = (i + 0.5 - h / 2 - plane.centre[0]) * plane.stride;
    const x = (j + 0.5 - w / 2 - plane.centre[1]) * plane.stride;
    return { y, x, space: this.given.space, tile };
  }

  /**
   * The place one map pixel on; where that is outside, none.
   * @param {Spot} spot of the only map that is shown
   * @param {[number, number]} way to the right and down
   * @returns {Spot | null}
   */
  spotBeside({ y, x, space, tile }, [right, down]) {
    const [plane] = this.planes() ?? [];
    if (!plane || !this.grid) return null;
    const beside = { y: y + down * plane.stride, x: x + right * plane.stride };
    return pixelOf(plane, beside, this.grid) && { ...beside, space, tile };
  }

  /**
   * The crosshair.
   * @param {number} frame
   * @param {Place} place in this picture's own space
   * @param {number | null} tile the map under the pointer; null if that is another picture's
   * @param {number | null | undefined} field side of a receptive field in image pixels; null for the whole image
   * @returns {Told | null}
   */
  showSpot(frame, { y, x }, tile, field) {
    const planes = this.planes();
    if (!planes || !this.grid) return null;
    const zoom = this.canvas.clientWidth / this.canvas.width;
    const context = this.clearSpot();
    /** @type {Told | null} */
    let told = null;
    planes.forEach((plane, index) => {
      const { h, w, left, top } = this.corner(index);
      const pixel = pixelOf(plane, { y, x }, { h, w });
      if (!pixel) return;
      const [i, j] = pixel;
      const here = tile === null ? planes.length === 1 : index === tile;
      if (here) {
        context.fillRect(left * zoom, (top + i + 0.5) * zoom - 0.5, w * zoom, 1);
        context.fillRect((left + j + 0.5) * zoom - 0.5, top * zoom, 1, h * zoom);
        const shown = this.given.in_colour ? (this.layers() ?? []) : [plane];
        told = toldOf(shown.map((each) => valueAt(each, each.frames[at(each, frame)][i * w + j])));
      }
      frameOf(context, (left + j) * zoom, (top + i) * zoom, zoom, zoom);
      if (field) {
        // What lies beyond the map is left out, so that a field larger than it is seen too.
        const [x0, x1] = seenOf(j, field / plane.stride, w);
        const [y0, y1] = seenOf(i, field / plane.stride, h);
        frameOf(context, (left + x0) * zoom, (top + y0) * zoom, (x1 - x0) * zoom, (y1 - y0) * zoom);
      }
    });
    if (field === null) frameOf(context, 1, 1, this.overlay.clientWidth - 2, this.overlay.clientHeight - 2);
    return told;
  }

  clearSpot() {
    const { overlay, canvas } = this;
    const ratio = devicePixelRatio || 1;
    overlay.width = canvas.clientWidth * ratio; // also wipes it
    overlay.height = canvas.clientHeight * ratio;
    const context = contextOf(overlay);
    context.scale(ratio, ratio);
    context.fillStyle = "rgba(255, 150, 0, 0.9)";
    return context;
  }
}

/**
 * A square in two colours, so that it is seen on any map.
 * @param {CanvasRenderingContext2D} context
 * @param {number} left @param {number} top @param {number} width @param {number} height
 */
function frameOf(context, left, top, width, height) {
  /** @type {[string, number][]} */
  const lines = [["#000", -0.5], ["#ffb000", 0.5]];
  for (const [colour, inset] of lines) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.strokeRect(left + inset, top + inset, width - 2 * inset, height - 2 * inset);
  }
}

/**
 * @param {Plane} plane @param {Place} place @param {{ h: number, w: number }} size of the map
 * @returns {[number, number] | null} row and column of the map pixel there; null outside the map
 */
function pixelOf(plane, { y, x }, { h, w }) {
  const i = Math.floor(y / plane.stride + plane.centre[0] + h / 2);
  const j = Math.floor(x / plane.stride + plane.centre[1] + w / 2);
  return i >= 0 && j >= 0 && i < h && j < w ? [i, j] : null;
}

/**
 * @param {number} at @param {number} side of a stretch about the middle of that pixel @param {number} size of the map
 * @returns {[number, number]} the ends of what of it lies on the map
 */
export function seenOf(at, side, size) {
  return [Math.max(0, at + 0.5 - side / 2), Math.min(size, at + 0.5 + side / 2)];
}

/** @param {Plane} plane @param {number} frame @returns {number} a single map holds for all */
function at(plane, frame) {
  return plane.sizes.length > 1 ? frame : 0;
}

/**
 * Levels of red, green and blue as pixels of a canvas (little-endian RGBA).
 * @param {Uint32Array} pixels @param {Uint8Array} red @param {Uint8Array} green @param {Uint8Array} blue
 */
export function mix(pixels, red, green, blue) {
  for (let i = 0; i < pixels.length; i++) {
    const known = red[i] !== UNKNOWN && green[i] !== UNKNOWN && blue[i] !== UNKNOWN;
    pixels[i] = known ? 0xff000000 | (BYTES[blue[i]] << 16) | (BYTES[green[i]] << 8) | BYTES[red[i]] : UNKNOWN_COLOUR;
  }
}

/** @param {Told[]} values of the planes of one picture @returns {Told} */
function toldOf(values) {
  if (values.length < 2 || values.some(({ value }) => value === "unknown")) return values[0];
  const told = values.map(({ value }) => Number(value).toPrecision(3)).join(", ");
  return { text: `red, green, blue ${told}`, value: told };
}

/** @param {Plane} plane @param {number} level @returns {Told} */
function valueAt(plane, level) {
  if (level === UNKNOWN) return { text: "not known here", value: "unknown" };
  const [low, high] = plane.limits;
  const value = low + (level / 254) * (high - low);
  return { text: `value ${value.toPrecision(3).replace("-", "−")}`, value };
}
