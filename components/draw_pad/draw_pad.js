// @ts-check
// The pad to draw a digit on. It keeps the strokes and reports them whenever the pen goes up. The browser's strokes are
// the newest: after a report only its own answer replaces them (Centre), however long that takes.

import { contextOf, find, Scope } from "../shared/dom.js";
import { arrow, isCommand, isUndo } from "../shared/keys.js";
import { component } from "../shared/mount.js";
import { Exchange } from "../shared/protocol.js";
import { clamp, extend, HALF, smooth } from "./strokes.js";

/**
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {import("./strokes.js").Point} Point
 * @typedef {object} Data
 * @property {Stroke[]} strokes
 * @property {number} pen width in pixels of the canvas
 * @property {string} answers id of the report whose strokes the server changed, or an empty text
 * @property {string} picture what the network sees, as a data URL, or an empty text
 * @typedef {import("../shared/mount.js").Given<Data>} Given
 */

const FINE_STEP = 0.25; // pixels, with the Shift key
const HISTORY = 100;
const BACKGROUND = "#000"; // black and white as MNIST is, in a light and in a dark theme
const INK = "#fff";
const GUIDE = "#777";
const CURSOR = "#ffb000";

export default component((/** @type {Given} */ given) => new Pad(given));

class Pad {
  /** @param {Given} given */
  constructor({ parentElement: root, data }) {
    this.scope = new Scope();
    this.exchange = new Exchange({ limitMs: Infinity });
    this.exchange.repeats(this.scope, () => this.report());
    this.canvas = find(root, "canvas", HTMLCanvasElement);
    this.pen = find(root, "#pen", HTMLInputElement);
    this.status = find(root, "#status", HTMLElement);
    this.seen = find(root, "#seen", HTMLElement);
    this.picture = find(root, "#seen img", HTMLImageElement);
    const button = (/** @type {string} */ name) => find(root, `#${name}`, HTMLButtonElement);
    this.buttons = { undo: button("undo"), clear: button("clear"), centre: button("centre") };
    /** @type {(report: object) => void} */
    this.send = () => {};
    /** @type {Stroke[]} */
    this.strokes = data?.strokes ?? [];
    /** @type {Stroke[][]} */
    this.history = [];
    /** @type {Stroke | null} the stroke under the pen, as it came in */
    this.current = null;
    /** @type {number | null} which finger, pen or mouse draws it */
    this.pointer = null;
    this.cursor = { x: 0, y: 0, shown: false };
    this.pen.value = String(data?.pen ?? this.pen.value);
    this.listenToPointers();
    this.listenToKeys();
    this.listenToButtons();
    this.scope.onResize(this.canvas, () => this.draw());
    this.refresh();
  }

  release() {
    this.scope.release(); // the HTML is Streamlit's
  }

  /** @param {Given} given */
  update({ data, setStateValue }) {
    this.send = (report) => setStateValue("drawing", report);
    if (!data) return;
    this.seen.hidden = !data.picture;
    if (data.picture) this.picture.src = data.picture;
    if (!this.exchange.accepts(data.answers)) return; // also while a stroke is drawn, which goes on by itself
    if (JSON.stringify(data.strokes) === JSON.stringify(this.strokes)) return;
    this.remember();
    this.strokes = data.strokes;
    this.refresh();
  }

  listenToPointers() {
    const { canvas, scope } = this;
    scope.listen(canvas, "pointerdown", (/** @type {PointerEvent} */ event) => this.penDown(event));
    scope.listen(canvas, "pointermove", (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== this.pointer || !this.current) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) extend(this.current, this.toPixels(each));
      this.draw();
    });
    scope.listen(canvas, "pointerup", (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== this.pointer || !this.current) return;
      extend(this.current, this.toPixels(event));
      this.penUp();
    });
    scope.listen(canvas, ["pointercancel", "lostpointercapture"], (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === this.pointer) this.penUp();
    });
  }

  listenToKeys() {
    const { canvas, cursor, scope } = this;
    scope.listen(canvas, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    scope.listen(canvas, "focus", () => {
      cursor.shown = canvas.matches(":focus-visible");
      this.draw();
    });
    scope.listen(canvas, "blur", () => {
      cursor.shown = false;
      if (this.pointer === null) this.penUp();
      this.draw();
    });
  }

  listenToButtons() {
    const { buttons, scope, pen } = this;
    scope.listen(buttons.undo, "click", () => this.undo());
    scope.listen(buttons.clear, "click", () => this.change([]));
    scope.listen(buttons.centre, "click", () => this.report(true));
    scope.listen(pen, "input", () => this.draw());
    scope.listen(pen, "change", () => this.strokes.length && this.report());
  }

  /** @param {PointerEvent} event @returns {Point} */
  toPixels(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = (/** @type {number} */ at, /** @type {number} */ start, /** @type {number} */ length) =>
      clamp(((at - start) / length) * 2 * HALF - HALF);
    return [place(event.clientX, box.left, box.width), place(event.clientY, box.top, box.height)];
  }

  draw() {
    const { canvas, cursor } = this;
    const context = contextOf(canvas);
    const side = Math.max(1, Math.round(canvas.clientWidth * (window.devicePixelRatio || 1)));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const unit = side / (2 * HALF);
    context.setTransform(unit, 0, 0, unit, side / 2, side / 2);
    context.fillStyle = BACKGROUND;
    context.fillRect(-HALF, -HALF, 2 * HALF, 2 * HALF);
    drawGuide(context);
    context.strokeStyle = context.fillStyle = INK;
    context.lineWidth = Number(this.pen.value);
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.strokes) drawStroke(context, stroke);
    if (this.current) drawStroke(context, smooth(this.current));
    if (cursor.shown) drawCursor(context, cursor, this.current !== null);
  }

  say() {
    const { strokes, buttons } = this;
    const count = strokes.length === 0 ? "Empty" : strokes.length === 1 ? "1 stroke" : `${strokes.length} strokes`;
    this.status.textContent = this.current && this.pointer === null ? "Pen down" : count;
    buttons.undo.disabled = this.history.length === 0 && strokes.length === 0;
    buttons.clear.disabled = buttons.centre.disabled = strokes.length === 0;
  }

  refresh() {
    this.draw();
    this.say();
  }

  report(centre = false) {
    this.send({ id: this.exchange.report(), strokes: this.strokes, pen: Number(this.pen.value), centre });
  }

  remember() {
    this.history = [...this.history, this.strokes].slice(-HISTORY);
  }

  /** @param {Stroke[]} next */
  change(next) {
    this.remember();
    this.strokes = next;
    this.refresh();
    this.report();
  }

  undo() {
    if (this.current) this.current = null;
    else this.strokes = this.history.pop() ?? this.strokes.slice(0, -1); // drawn before this pad appeared
    this.refresh();
    this.report();
  }

  /** @param {PointerEvent} event */
  penDown(event) {
    if (event.button !== 0 || this.pointer !== null) return; // a second finger draws nothing
    this.penUp(); // of the keyboard
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.current = [this.toPixels(event)];
    this.cursor.shown = false;
    this.refresh();
  }

  penUp() {
    if (!this.current) return;
    const stroke = smooth(this.current);
    this.current = this.pointer = null;
    this.change([...this.strokes, stroke]);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (this.pointer !== null) return;
    const move = arrow(event);
    if (isUndo(event)) this.undo();
    else if (isCommand(event)) return;
    else if (move) this.moveCursor(move, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") {
      if (this.current) this.penUp();
      else if (!event.repeat) this.current = [[this.cursor.x, this.cursor.y]];
    } else if (event.key === "Escape" && this.current) this.penUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.cursor.shown = true;
    this.refresh();
  }

  /** @param {[number, number]} direction @param {boolean} fine */
  moveCursor([dx, dy], fine) {
    const { cursor } = this;
    const step = fine ? FINE_STEP : 1;
    cursor.x = clamp(cursor.x + step * dx);
    cursor.y = clamp(cursor.y + step * dy);
    this.current?.push([cursor.x, cursor.y]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Stroke} stroke */
function drawStroke(context, stroke) {
  context.beginPath();
  if (stroke.length === 1) {
    const [[x, y]] = stroke;
    context.arc(x, y, context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(...stroke[0]);
  for (const point of stroke.slice(1)) context.lineTo(...point);
  context.stroke();
}

/** The middle 20×20 pixels, which a digit of MNIST fills. @param {CanvasRenderingContext2D} context */
function drawGuide(context) {
  context.strokeStyle = GUIDE;
  context.lineWidth = 0.1;
  context.setLineDash([0.5, 0.5]);
  context.strokeRect(-10, -10, 20, 20);
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {{ x: number, y: number }} place @param {boolean} down */
function drawCursor(context, { x, y }, down) {
  context.strokeStyle = context.fillStyle = CURSOR;
  const width = context.lineWidth;
  context.beginPath();
  context.arc(x, y, width / 2, 0, 2 * Math.PI);
  context.lineWidth = 0.3;
  context.stroke();
  if (down) context.fill();
}
