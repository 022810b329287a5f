// @ts-check
// What stands in a document, traced as SVG: letters stay letters, maps become pictures with sharp pixels. A picture of
// the page itself (foreignObject) would do in a browser, but no slide program and no LaTeX opens one.

import { contextOf, draw, make } from "../shared/dom.js";

/** @typedef {import("../shared/figures.js").Sign} Sign */

const STYLED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "paint-order",
  "font-size", "font-weight", "font-family", "text-anchor",
];
const SHARP = 8; // pixels of a traced picture for each pixel of a map, so that no viewer can smooth them away

export class Tracer {
  /** @param {Record<string, Sign>} signs by selector */
  constructor(signs) {
    this.signs = signs;
    this.clips = 0;
    this.measure = contextOf(make("canvas"));
  }

  /** @param {Element} element @returns {SVGGElement} in pixels of the element's own window */
  trace(element) {
    const group = draw("g");
    this.add(element, group);
    return group;
  }

  /** @param {Element} element @param {SVGElement} group */
  add(element, group) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (style.display === "none") return;
    const into = this.clipped(style, box, group);
    if (style.visibility === "visible") this.paint(element, style, box, into);
    if (element.tagName === "svg") return;
    for (const child of element.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) this.add(/** @type {Element} */ (child), into);
      else if (child.nodeType === Node.TEXT_NODE && style.visibility === "visible")
        into.append(...this.lines(/** @type {Text} */ (child), style));
    }
  }

  /** @param {Element} element @param {CSSStyleDeclaration} style @param {DOMRect} box @param {SVGElement} into */
  paint(element, style, box, into) {
    const sign = Object.entries(this.signs).find(([selector]) => element.matches(selector));
    if (sign) return void (box.width + box.height && into.append(sign[1](box, style, element)));
    into.append(...frames(style, box));
    if (element.tagName === "svg") into.append(drawing(/** @type {SVGSVGElement} */ (element), box));
    if (element.tagName === "CANVAS" || element.tagName === "IMG")
      into.append(picture(/** @type {HTMLCanvasElement | HTMLImageElement} */ (element), box));
  }

  /** A group that shows what lies right of a divider. @param {CSSStyleDeclaration} style @param {DOMRect} box @param {SVGElement} group */
  clipped(style, box, group) {
    const share = /^inset\(0(?:px)? 0(?:px)? 0(?:px)? ([\d.]+)%\)$/.exec(style.clipPath);
    if (!share) return group;
    const id = `right-${(this.clips += 1)}`;
    const cut = (box.width * Number(share[1])) / 100;
    const clip = draw("clipPath", { id });
    clip.append(draw("rect", { x: box.left + cut, y: box.top, width: box.width - cut, height: box.height }));
    const inner = draw("g", { "clip-path": `url(#${id})` });
    group.append(clip, inner);
    return inner;
  }

  /** The lines of a text as the window broke them. @param {Text} text @param {CSSStyleDeclaration} style */
  lines(text, style) {
    const range = text.ownerDocument.createRange();
    /** @type {{ words: string[], box: DOMRect, right: number }[]} */
    const lines = [];
    for (const { 0: word, index } of text.data.matchAll(/\S+/g)) {
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      const last = lines[lines.length - 1];
      if (last && Math.abs(last.box.top - box.top) < 2) last.words.push(word);
      else lines.push({ words: [word], box, right: 0 });
      lines[lines.length - 1].right = box.right;
    }
    return lines.map(({ words, box, right }) => this.line(words.join(" "), box, right - box.left, style));
  }

  /**
   * Its length is written down, so that letters of another font are squeezed rather than run into their neighbours.
   * @param {string} words
   * @param {DOMRect} box of the first word
   * @param {number} length
   * @param {CSSStyleDeclaration} style
   */
  line(words, box, length, style) {
    this.measure.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = this.measure.measureText(words);
    const line = draw("text", {
      x: round(box.left), y: round(box.top + (box.height - up - down) / 2 + up), fill: style.color,
      "font-size": style.fontSize, "font-weight": style.fontWeight, "font-family": style.fontFamily,
      textLength: round(length), lengthAdjust: "spacingAndGlyphs",
    });
    line.textContent = words;
    return line;
  }
}

/** Ground and border of a box. @param {CSSStyleDeclaration} style @param {DOMRect} box */
function frames(style, box) {
  const colour = /rgba?\([^)]*\)/.exec(style.backgroundImage)?.[0] ?? style.backgroundColor; // of hatching, its first
  const filled = seen(colour) && box.width && box.height;
  const top = parseFloat(style.borderTopWidth);
  const bottom = parseFloat(style.borderBottomWidth);
  const { left: x, top: y, width, height } = box;
  const parts = [];
  if (filled) parts.push(draw("rect", { x, y, width, height, fill: colour }));
  if (top && seen(style.borderTopColor)) {
    const stroke = { fill: "none", stroke: style.borderTopColor, "stroke-width": top };
    parts.push(draw("rect", { x: x + top / 2, y: y + top / 2, width: width - top, height: height - top, ...stroke }));
  } else if (bottom && seen(style.borderBottomColor)) {
    const at = box.bottom - bottom / 2;
    const stroke = { stroke: style.borderBottomColor, "stroke-width": bottom };
    parts.push(draw("line", { x1: x, x2: box.right, y1: at, y2: at, ...stroke }));
  }
  return parts;
}

/** @param {string} colour */
function seen(colour) {
  return colour !== "transparent" && !/^rgba\(.*[,/] ?0\)$/.test(colour);
}

/** A drawing of the page, with what its style sheet says written into it. @param {SVGSVGElement} svg @param {DOMRect} box */
function drawing(svg, box) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [from, to] = [svg, copy].map((each) => /** @type {SVGElement[]} */ ([...each.querySelectorAll("*")]));
  from.forEach((each, k) => {
    const style = getComputedStyle(each);
    for (const name of STYLED) to[k].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "style"]) to[k].removeAttribute(name);
  });
  for (const name of ["class", "style", "aria-label", "role"]) copy.removeAttribute(name);
  for (const [name, value] of Object.entries({ x: box.left, y: box.top, width: box.width, height: box.height }))
    copy.setAttribute(name, String(value));
  copy.setAttribute("overflow", "visible");
  if (svg.getAttribute("preserveAspectRatio") === "none") unstretch(copy, svg.viewBox.baseVal, box);
  return copy;
}

/** Coordinates in pixels, since stretched ones would stretch the lines' width too. @param {SVGSVGElement} svg @param {DOMRect} view @param {DOMRect} box */
function unstretch(svg, view, box) {
  const [across, down] = [box.width / view.width, box.height / view.height];
  for (const path of svg.querySelectorAll("path")) {
    const d = path.getAttribute("d") ?? "";
    path.setAttribute("d", d.replace(/(-?[\d.]+) (-?[\d.]+)/g, (_, x, y) => `${round(x * across)} ${round(y * down)}`));
    path.removeAttribute("vector-effect");
  }
  svg.removeAttribute("preserveAspectRatio");
  svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
}

/** @param {HTMLCanvasElement | HTMLImageElement} source @param {DOMRect} box */
function picture(source, box) {
  const [w, h] = "naturalWidth" in source ? [source.naturalWidth, source.naturalHeight] : [source.width, source.height];
  const canvas = make("canvas");
  const sharp = Math.max(1, Math.min(SHARP, Math.floor(2048 / Math.max(w, h))));
  Object.assign(canvas, { width: sharp * w, height: sharp * h });
  const context = contextOf(canvas);
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return draw("image", {
    x: round(box.left), y: round(box.top), width: round(box.width), height: round(box.height),
    href: canvas.toDataURL(), preserveAspectRatio: "none", style: "image-rendering: pixelated",
  });
}

/** @param {number} value */
function round(value) {
  return Math.round(100 * value) / 100;
}
