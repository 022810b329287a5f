// @ts-check
// Two maps in one place, wiped by a divider, flicked, or subtracted.

import { make, makeButton } from "../shared/dom.js";
import { isCommand } from "../shared/keys.js";
import { rightOf, shareAfter, shareAt } from "./divider.js";
import { COVERED } from "./framed.js";
import { Picture } from "./picture.js";
import { NumberPart, perFrame } from "./words.js";

/** @typedef {import("./picture.js").GivenMaps} GivenMaps */
/** @typedef {import("./panel.js").Shown} Shown */

/**
 * @typedef {object} GivenCorner as components.stack_viewer.Corner
 * @property {"corner"} kind
 * @property {GivenMaps} first
 * @property {GivenMaps} second
 * @property {GivenMaps} difference
 * @property {import("./words.js").GivenNumber | null} number
 * @property {"wipe" | "flick" | "difference"} mode
 */

const FLICK_MS = 700;

/** How all corners of a viewer are shown: where their divider stands, and which of the two maps a flick shows. */
export class Meeting {
  constructor() {
    this.share = 0.5;
    this.second = false;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.timer = null;
    /** @type {Set<() => void>} */
    this.hear = new Set();
  }

  get flicking() {
    return this.timer !== null;
  }

  /** @param {number} share */
  moveTo(share) {
    this.share = share;
    this.tell();
  }

  start() {
    this.timer ??= setInterval(() => {
      this.second = !this.second;
      this.tell();
    }, FLICK_MS);
    this.tell();
  }

  stop() {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.tell();
  }

  tell() {
    for (const each of this.hear) each();
  }
}

/** @implements {Shown} */
export class Corner {
  /**
   * @param {GivenCorner} corner
   * @param {import("./panel.js").Surroundings} viewer
   * @param {import("../shared/dom.js").Scope} scope
   * @param {Meeting} meeting
   */
  constructor(corner, viewer, scope, meeting) {
    this.corner = corner;
    this.given = corner.first;
    this.viewer = viewer;
    this.meeting = meeting;
    this.large = false;
    this.frame = 0;
    const all = [corner.first, corner.second, corner.difference];
    this.pictures = all.map((given) => new Picture(given));
    this.layers = this.pictures.map(({ canvas, overlay, given }) => {
      const layer = make("span", "layer");
      layer.classList.toggle("covered", given.covered);
      layer.append(canvas, overlay);
      return layer;
    });
    this.titles = (corner.mode === "difference" ? all.slice(2) : all.slice(0, 2)).map((given) => titleOf(given, viewer.terms));
    this.number = corner.number && new NumberPart(corner.number);
    this.text = make("span", "text");
    this.value = make("span", "value");
    this.stage = make("div", "stage");
    this.button = makeButton("", "picture");
    this.divider = make("div", "divider");
    this.flick = makeButton("", "flick");
    this.element = make("figure", "panel corner");
    this.element.dataset.mode = corner.mode;
    this.element.classList.toggle("dimmed", all.every((given) => given.dimmed));
    this.button.append(...this.layers);
    this.stage.append(this.button);
    if (corner.mode === "wipe") this.stage.append(this.buildDivider());
    this.element.append(this.stage, this.buildCaption());
    this.listen(scope);
  }

  buildDivider() {
    const [left, right] = this.pictures.map((picture) => picture.given.title);
    const attributes = { role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "100" };
    for (const [name, value] of Object.entries(attributes)) this.divider.setAttribute(name, value);
    this.divider.setAttribute("aria-label", `Divider: ${left} left of it, ${right} right of it`);
    this.divider.append(make("span", "knob"));
    return this.divider;
  }

  buildCaption() {
    const caption = make("figcaption");
    const titles = make("div", "titles");
    titles.append(...this.titles);
    if (this.number) this.titles[0].after(this.number.figure);
    caption.append(titles);
    if (this.corner.mode === "flick") caption.append(this.flick);
    if (this.number) caption.append(this.number.text);
    caption.append(this.text, this.value);
    return caption;
  }

  /** @param {import("../shared/dom.js").Scope} scope */
  listen(scope) {
    const { meeting, viewer, stage, divider } = this;
    const hear = () => this.show();
    meeting.hear.add(hear);
    scope.onRelease(() => meeting.hear.delete(hear));
    scope.listen(this.button, "click", () => this.enlarge(!this.large));
    scope.listen(this.flick, "click", () => (meeting.flicking ? meeting.stop() : meeting.start()));
    scope.listen(stage, "pointermove", (/** @type {PointerEvent} */ event) => this.onPointer(event));
    scope.listen(stage, "pointerleave", () => viewer.point(this, null));
    scope.listen(divider, "pointerdown", (/** @type {PointerEvent} */ event) => {
      if (event.button) return;
      divider.setPointerCapture(event.pointerId);
      viewer.point(this, null);
    });
    scope.listen(divider, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    if (!this.divider.hasPointerCapture(event.pointerId)) return this.viewer.point(this, this.pictures[0].spotOf(event));
    this.meeting.moveTo(shareAt(event.clientX, this.stage.getBoundingClientRect()));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const share = isCommand(event) ? null : shareAfter(this.meeting.share, event);
    if (share === null) return;
    event.preventDefault();
    event.stopPropagation(); // the handle has the same keys
    this.meeting.moveTo(share);
  }

  /**
   * @param {number} frame
   * @param {Record<string, Uint32Array>} tables
   * @param {boolean} dark
   */
  draw(frame, tables, dark) {
    this.frame = frame;
    this.number?.draw(frame);
    const here = this.pictures.map((picture) => picture.draw(frame, tables, dark)).every(Boolean);
    this.element.setAttribute("aria-busy", String(!here));
    this.show();
    return here;
  }

  /** What the mode, the divider and the flick leave to be seen. */
  show() {
    const { corner, meeting, layers } = this;
    const { mode } = corner;
    const flick = [!meeting.second, meeting.second, false];
    const seen = { wipe: [true, true, false], flick, difference: [false, false, true] }[mode];
    layers.forEach((layer, k) => (layer.style.visibility = seen[k] ? "" : "hidden"));
    layers[1].style.clipPath = mode === "wipe" ? rightOf(meeting.share) : "";
    if (mode === "wipe") this.showDivider(meeting.share);
    if (mode === "flick") this.showFlick();
    this.describe();
  }

  describe() {
    const { first, second, difference, mode } = this.corner;
    const wipe = `${first.title} left, ${second.title} right of the divider`;
    const how = { wipe, flick: `${first.title} and ${second.title} in turn`, difference: difference.title };
    const text = perFrame((mode === "difference" ? difference : second).text, this.frame);
    if (this.text.textContent !== text) this.text.textContent = text;
    const hidden = [first, second, difference].filter(({ covered }) => covered).map(({ title }) => `, ${title} is ${COVERED}`);
    this.button.setAttribute("aria-label", `${how[mode]}: ${text}${hidden.join("")}. ${this.large ? "Shrink" : "Enlarge"}`);
  }

  /** @param {number} share */
  showDivider(share) {
    const percent = Math.round(100 * share);
    this.divider.style.left = `${100 * share}%`;
    this.divider.setAttribute("aria-valuenow", String(percent));
    this.divider.setAttribute("aria-valuetext", `${percent} % from the left`);
  }

  showFlick() {
    const { flicking, second } = this.meeting;
    this.element.dataset.shown = second ? "second" : "first";
    this.titles.forEach((title, k) => title.classList.toggle("off", second !== (k === 1)));
    this.flick.textContent = flicking ? "■ Stop" : "▶ Flick";
    this.flick.setAttribute("aria-label", flicking ? "Stop the flicking" : "Flick between the two");
  }

  /** @param {boolean} large */
  enlarge(large) {
    this.large = large;
    this.element.classList.toggle("large", large);
    this.viewer.point(this, null);
    this.viewer.draw();
  }

  shrink() {
    if (!this.large) return false;
    this.enlarge(false);
    return true;
  }

  /**
   * The crosshair, in all three maps.
   * @param {number} frame
   * @param {import("./affine.js").Place} place
   * @param {number | null} tile
   * @param {number | null | undefined} field
   */
  showSpot(frame, place, tile, field) {
    const told = this.pictures.map((picture, k) => {
      if (picture.given.covered) return null;
      const found = picture.showSpot(frame, place, tile, field);
      this.layers[k].dataset.value = String(found?.value ?? "");
      return found && `${picture.given.title} ${found.text.replace("value ", "")}`;
    });
    const { mode } = this.corner;
    this.value.textContent = (mode === "difference" ? told.slice(2) : told.slice(0, 2)).filter(Boolean).join(", ");
  }

  clearSpot() {
    for (const picture of this.pictures) picture.clearSpot();
    for (const layer of this.layers) delete layer.dataset.value;
    this.value.textContent = "";
  }
}

/** @param {GivenMaps} given @param {import("../shared/terms.js").Terms} terms that stand in it first */
function titleOf({ title, colour }, terms) {
  const element = make("b");
  terms.write(element, title);
  if (colour) element.style.color = colour;
  return element;
}
