// @ts-check
// The bench: sizes in the data and internal scales on one log2 axis, with handles that redraw all curves while held.
//
// components/scale_axis/__init__.py writes its data and tells the units. On release the whole state goes to the server
// as the state "bench".

import { make, makeButton, Scope, setAll } from "../shared/dom.js";
import { offerFigure } from "../shared/figures.js";
import { direction, end, isCommand, isDelete, KEYS_REST_MS, leap } from "../shared/keys.js";
import { component } from "../shared/mount.js";
import { Exchange, Resting } from "../shared/protocol.js";
import { Terms } from "../shared/terms.js";
import { dips, divergence, gridOf, logComponents, logDensity, logSum } from "../shared/tolerance.js";
import { handlesOf, handlesOnly, tidy, within } from "./handles.js";
import { legend, Picture } from "./picture.js";
import { SIGNS, TOOLS } from "./signs.js";
import { Slider } from "./slider.js";

/**
 * @typedef {object} Scales the internal scales, as data scales (×) that they serve
 * @property {number} reference
 * @property {number} isr
 * @property {number} num_scales
 * @property {number} tau_tol octaves
 * @property {number[] | null} free a set without equal steps, which then counts instead
 */

/** @typedef {"reference" | "isr" | "num_scales" | "tau_tol"} ScaleName */

/**
 * @typedef {object} Data
 * @property {[number, number]} axis
 * @property {number} sigma_one internal scale in pixels that serves data scale 1
 * @property {import("../shared/tolerance.js").DataScales} data
 * @property {Scales} scales
 * @property {Record<ScaleName, [number, number]>} limits
 * @property {number[]} network data scales that the shown network's internal scales serve
 * @property {string} alt
 * @property {string} answers
 * @property {import("../shared/terms.js").Term[]} terms that its labels explain
 */

/** @typedef {import("../shared/mount.js").Given<Data>} Given */
/** @typedef {"mark" | "end"} Kind of handle: an internal scale, or one of the data */

const STEP = 1 / 12; // octaves, of an arrow key
const FINE = 1 / 120; // with the Shift key
const LEAP = 1 / 3; // Page up and down

export default component((/** @type {Given} */ given) => {
  const bench = new Bench(given);
  const { root: element, scope } = bench;
  const copyInto = (/** @type {HTMLElement} */ parent) => bench.copyInto(parent);
  offerFigure(scope, "scale_axis", { element, copyInto, told: () => bench.told(), tools: TOOLS, signs: SIGNS });
  return bench;
});

class Bench {
  /** @param {Given} given */
  constructor({ parentElement, data }) {
    this.scope = new Scope();
    this.exchange = new Exchange();
    this.resting = new Resting(() => this.send());
    this.exchange.repeats(this.scope, () => this.send());
    /** @type {(report: object) => void} */
    this.report = () => {};
    /** @type {Data | null} what the server said last */
    this.given = null;
    /** @type {Data["data"]} */
    this.data = data?.data ?? { kind: "measured", density: [] };
    /** @type {Scales} */
    this.scales = { reference: 1, isr: 1, num_scales: 1, tau_tol: 1, free: null };
    this.painted = 0;
    /** @type {{ kind: Kind, index: number, element: HTMLElement, pointer: number, moved: boolean } | null} */
    this.held = null;
    this.chosen = 0; // the mark that Remove removes
    /** @type {Set<"data" | "scales">} since the last report */
    this.moved = new Set();
    /** @type {HTMLElement[]} */
    this.marks = [];
    /** @type {HTMLElement[]} */
    this.ends = [];
    /** @type {number[]} */
    this.grid = [];
    this.plot = make("div", "plot");
    this.picture = new Picture();
    this.adding = makeButton("Add a scale");
    this.removing = makeButton("Remove the marked scale");
    this.spacing = makeButton("Equal steps");
    this.terms = new Terms(data?.terms ?? []);
    this.reading = make("output", "reading");
    this.divergence = make("span");
    this.sliders = [
      new Slider(this.scope, "Number of internal scales", "num_scales", (n) => `${n}`, true),
      new Slider(this.scope, "σ_basis: smallest scale", "reference", (x) => this.both(x)),
      new Slider(this.scope, "ISR: largest over smallest scale", "isr", (x) => x.toFixed(2)),
      new Slider(this.scope, "τ_tol: tolerance, octaves", "tau_tol", (x) => x.toFixed(3)),
    ];
    this.root = make("div", "bench");
    setAll(this.root, { role: "group", "aria-label": "Sizes in the data and internal scales on one axis" });
    this.build();
    parentElement.append(this.root);
    this.scope.onResize(this.plot, () => this.draw());
  }

  release() {
    this.resting.stop();
    this.scope.release();
    this.root.remove();
  }

  /** Draws the axis as it stands once more, for a picture. @param {HTMLElement} parentElement */
  copyInto(parentElement) {
    const data = this.given && { ...this.given, data: this.data, scales: this.scales };
    const given = { parentElement, data: data ?? undefined, setStateValue() {}, setTriggerValue() {} };
    const copy = new Bench(given);
    copy.update(given);
    return () => copy.release();
  }

  /** The scales and what they are worth, in words. */
  told() {
    const scales = this.centres().map((centre) => this.both(centre)).join("; ");
    return [`scales ${scales}`, `τ_tol ${this.scales.tau_tol.toFixed(3)} octaves`, this.reading.textContent]
      .filter(Boolean)
      .join(" · ");
  }

  build() {
    const { scope, plot } = this;
    plot.append(this.picture.svg);
    scope.listen(plot, "dblclick", (/** @type {MouseEvent} */ event) => this.onDoubleClick(event));
    scope.listen(plot, "pointermove", (/** @type {PointerEvent} */ event) => this.onMove(event));
    scope.listen(plot, ["pointerup", "pointercancel"], () => this.onRelease());
    scope.listen(this.adding, "click", () => this.add());
    scope.listen(this.removing, "click", () => this.remove(this.chosen));
    scope.listen(this.spacing, "click", () => this.spaceEqually());
    this.adding.title = "Between the two scales that are farthest apart; or double-click where you want it";
    this.removing.title = "Or double-click its mark, or press Delete on it";
    this.spacing.title = "Log-uniform scales between the smallest and the largest";
    const bar = make("div", "bar");
    const name = make("span");
    this.terms.write(name, "KL");
    this.reading.append(name, this.divergence);
    bar.append(this.adding, this.removing, this.spacing, this.reading);
    const sliders = make("div", "sliders");
    for (const slider of this.sliders) {
      sliders.append(slider.element);
      this.terms.write(slider.words, slider.label);
      slider.onInput = (value) => this.slide(/** @type {ScaleName} */ (slider.name), value);
      slider.onSettled = (byKey) => this.settle("scales", byKey ? KEYS_REST_MS : 0);
    }
    this.root.append(legend(this.terms), plot, bar, sliders);
  }

  /** @param {Given} given */
  update({ data, setStateValue }) {
    this.report = (report) => setStateValue("bench", report);
    if (!data) return;
    this.given = data;
    this.grid = gridOf(data.axis);
    if (this.exchange.accepts(data.answers, this.held !== null || this.resting.pending)) this.adopt(data);
    this.draw();
  }

  /** @param {Data} data */
  adopt({ data, scales }) {
    this.data = { ...data };
    this.scales = { ...scales, free: scales.free && [...scales.free] };
    this.chosen = Math.min(this.chosen, this.centres().length - 1);
  }

  centres() {
    const { free, reference, isr, num_scales: n } = this.scales;
    if (free) return free;
    return Array.from({ length: n }, (_, i) => (n > 1 ? reference * isr ** (i / (n - 1)) : reference));
  }

  /** The data scale and the internal scale that serves it. @param {number} x */
  both(x) {
    return `${x.toFixed(2)}×, ${(x * (this.given?.sigma_one ?? 1)).toFixed(2)} px`;
  }

  draw() {
    if (!this.given) return;
    const { grid, given, picture } = this;
    const centres = this.centres();
    const logParts = logComponents(centres, this.scales.tau_tol, grid);
    const [logMixture, logData] = [logSum(logParts), logDensity(this.data, grid)];
    const found = dips(grid, logMixture, logData);
    const [mixture, data] = [logMixture.map(Math.exp), logData.map(Math.exp)];
    picture.fit(grid, given.sigma_one, this.plot.clientWidth);
    picture.setTop(Math.max(...mixture, ...data));
    const parts = logParts.map((part) => part.map(Math.exp));
    picture.paint({ mixture, data, parts, centres, network: given.network, dips: found }, given.alt);
    this.placeMarks(centres);
    this.placeEnds();
    this.tell(centres, divergence(grid, logMixture, logData), found.length);
  }

  /** @param {number} scale */
  onAxis(scale) {
    return scale === this.clip(scale);
  }

  /** @param {number} scale */
  clip(scale) {
    const [low, high] = this.axis();
    return within(low, high, scale);
  }

  axis() {
    return this.given?.axis ?? [1, 1];
  }

  /** @param {number[]} centres */
  placeMarks(centres) {
    while (this.marks.length > centres.length) this.marks.pop()?.remove();
    while (this.marks.length < centres.length) this.marks.push(this.handle("mark", this.marks.length));
    centres.forEach((centre, i) => {
      const alone = centres.length === 1;
      const name = alone ? "Internal scale" : `Internal scale ${i + 1} of ${centres.length}`;
      this.place(this.marks[i], name, centre, this.picture.bottom, this.both(centre));
      this.marks[i].classList.toggle("chosen", i === this.chosen);
    });
  }

  placeEnds() {
    const wanted = handlesOf(this.data);
    while (this.ends.length > wanted.length) this.ends.pop()?.remove();
    while (this.ends.length < wanted.length) {
      const element = this.handle("end", this.ends.length);
      this.ends.push(element);
      if (this.marks.length) this.marks[0].before(element);
    }
    wanted.forEach(({ label, at, text }, i) => {
      const [logDensityThere] = logDensity(this.data, [Math.log2(at)]);
      const density = this.picture.y(Math.exp(logDensityThere));
      const height = Math.min(density, this.picture.bottom - 34); // never under a mark
      this.place(this.ends[i], label, at, height, text ?? `${at.toFixed(2)}×`);
    });
  }

  /** @param {Kind} kind @param {number} index */
  handle(kind, index) {
    const element = make("div", `handle ${kind}`);
    element.setAttribute("role", "slider");
    element.tabIndex = 0;
    element.append(make("span", "tip"));
    const { scope } = this;
    scope.listen(element, "pointerdown", (/** @type {PointerEvent} */ event) => this.onHold(event, kind, index, element));
    scope.listen(element, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event, kind, index));
    if (kind === "mark") scope.listen(element, "focus", () => this.choose(index));
    this.plot.append(element);
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {string} label
   * @param {number} scale
   * @param {number} top pixels
   * @param {string} text
   */
  place(element, label, scale, top, text) {
    const left = this.picture.x(Math.log2(this.clip(scale)));
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
    const [low, high] = this.axis();
    const told = this.onAxis(scale) ? text : `${text}, beyond the axis`;
    setAll(element, {
      "aria-label": label, "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": this.clip(scale),
      "aria-valuetext": told,
    });
    element.dataset.value = String(scale);
    const tip = /** @type {HTMLElement} */ (element.firstElementChild);
    tip.textContent = told;
    tip.className = `tip${left > this.picture.width - 90 ? " left" : left < 90 ? " right" : ""}`;
  }

  /** @param {number} index */
  choose(index) {
    this.chosen = index;
    this.marks.forEach((mark, i) => mark.classList.toggle("chosen", i === index));
  }

  /**
   * What the picture says, as numbers: the server's own follow on release.
   * @param {number[]} centres
   * @param {number | null} kl nats
   * @param {number} numDips
   */
  tell(centres, kl, numDips) {
    if (!this.given) return;
    const { limits } = this.given;
    this.reading.hidden = kl === null;
    this.divergence.textContent = kl === null ? "" : ` ${kl.toFixed(4)} nats`;
    const smallest = Math.min(...centres);
    const shown = { ...this.scales, reference: smallest, isr: Math.max(...centres) / smallest, num_scales: centres.length };
    for (const slider of this.sliders) {
      const name = /** @type {ScaleName} */ (slider.name);
      slider.show(shown[name], limits[name], name === "isr" && centres.length === 1);
    }
    this.adding.disabled = centres.length >= limits.num_scales[1];
    this.removing.disabled = centres.length <= 1;
    this.spacing.disabled = !this.scales.free;
    this.painted += 1;
    const free = Boolean(this.scales.free);
    Object.assign(this.root.dataset, { kl: kl ?? "", dips: numDips, painted: this.painted, free });
  }

  /** @param {PointerEvent} event @param {Kind} kind @param {number} index @param {HTMLElement} element */
  onHold(event, kind, index, element) {
    if (event.button || this.held) return;
    event.preventDefault();
    this.resting.stop();
    this.held = { kind, index, element, pointer: event.pointerId, moved: false };
    element.classList.add("held");
    element.focus({ preventScroll: true });
    this.plot.setPointerCapture?.(event.pointerId);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    if (!this.held || event.pointerId !== this.held.pointer) return;
    this.held.moved = true;
    this.moveTo(this.held.kind, this.held.index, this.scaleAt(event));
    this.draw();
  }

  /** @param {MouseEvent} event */
  scaleAt(event) {
    const box = this.plot.getBoundingClientRect();
    return this.clip(2 ** this.picture.octavesAt(event.clientX - box.left));
  }

  onRelease() {
    if (!this.held) return;
    const { kind, index, element, moved } = this.held;
    this.held = null;
    element.classList.remove("held");
    if (moved) {
      if (kind === "mark") this.sort(index);
      this.draw();
    }
    if (moved || this.moved.size) this.settle(moved ? (kind === "mark" ? "scales" : "data") : null);
  }

  /** @param {Kind} kind @param {number} index @param {number} scale */
  moveTo(kind, index, scale) {
    if (kind === "mark") this.free()[index] = tidy(this.clip(scale));
    else handlesOf(this.data)[index].set(scale, (x) => this.clip(x));
  }

  // The marks as a set of their own, which no longer keeps equal steps.
  free() {
    return (this.scales.free ??= this.centres().map(tidy));
  }

  /** Ascending again; the mark that was moved keeps the focus. @param {number} index */
  sort(index) {
    const all = this.free();
    const moved = all[index];
    all.sort((a, b) => a - b);
    const now = all.indexOf(moved);
    if (now !== index && this.focused() === this.marks[index]) this.marks[now].focus();
    this.choose(now);
  }

  focused() {
    return /** @type {Document | ShadowRoot} */ (this.root.getRootNode()).activeElement;
  }

  /** @param {KeyboardEvent} event @param {Kind} kind @param {number} index */
  onKey(event, kind, index) {
    if (isCommand(event)) return;
    const mark = kind === "mark";
    const now = Number((mark ? this.marks : this.ends)[index].dataset.value);
    const octaves = LEAP * leap(event) + (event.shiftKey ? FINE : STEP) * direction(event);
    const toEnd = end(event);
    if (mark && isDelete(event)) this.remove(index);
    else if (mark && event.key === "Enter") this.add(this.beside(index));
    else if (octaves || toEnd) {
      this.moveTo(kind, index, toEnd ? this.axis()[toEnd > 0 ? 1 : 0] : now * 2 ** octaves);
      if (mark) this.sort(index);
      this.draw();
      this.settle(mark ? "scales" : "data", KEYS_REST_MS);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The plot captures the pointer, so the event itself does not say what is under it. @param {MouseEvent} event */
  onDoubleClick(event) {
    const around = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    const handle = around.elementFromPoint(event.clientX, event.clientY)?.closest(".handle");
    if (!handle) this.add(this.scaleAt(event));
    else if (this.marks.includes(/** @type {HTMLElement} */ (handle)))
      this.remove(this.marks.indexOf(/** @type {HTMLElement} */ (handle)));
  }

  /** Halfway to the next mark; beyond the last one, a step as far as the one before it. @param {number} index */
  beside(index) {
    const all = this.centres();
    if (index + 1 < all.length) return Math.sqrt(all[index] * all[index + 1]);
    return index ? (all[index] * all[index]) / all[index - 1] : all[index] * 2;
  }

  /** @param {number} [scale] without one, in the widest gap */
  add(scale) {
    if (!this.given || this.centres().length >= this.given.limits.num_scales[1]) return;
    const all = this.free();
    const gaps = all.slice(1).map((centre, i) => centre / all[i]);
    const where = scale ?? (gaps.length ? this.beside(gaps.indexOf(Math.max(...gaps))) : this.beside(0));
    all.push(tidy(this.clip(where)));
    this.sort(all.length - 1);
    this.draw();
    this.marks[this.chosen].focus({ preventScroll: true });
    this.settle("scales");
  }

  /** @param {number} index */
  remove(index) {
    if (this.centres().length <= 1) return;
    const focused = this.marks.some((mark) => mark === this.focused());
    const all = this.free();
    all.splice(index, 1);
    this.chosen = Math.min(index, all.length - 1);
    this.draw();
    if (focused) this.marks[this.chosen].focus({ preventScroll: true });
    this.settle("scales");
  }

  spaceEqually() {
    this.scales = { ...this.scales, ...this.equalSteps() };
    this.draw();
    this.settle("scales");
  }

  // The log-uniform set with the smallest, the largest and the number of the present one.
  equalSteps() {
    const all = this.centres();
    const smallest = Math.min(...all);
    const isr = all.length > 1 ? Math.max(...all) / smallest : this.scales.isr;
    const limited = (/** @type {ScaleName} */ name, /** @type {number} */ value) => {
      const [low, high] = this.given?.limits[name] ?? [value, value];
      return tidy(within(low, high, value));
    };
    return { free: null, reference: limited("reference", smallest), isr: limited("isr", isr), num_scales: all.length };
  }

  /** @param {ScaleName} name @param {number} value */
  slide(name, value) {
    if (name !== "tau_tol" && this.scales.free) Object.assign(this.scales, this.equalSteps());
    this.scales[name] = value;
    this.chosen = Math.min(this.chosen, this.centres().length - 1);
    this.draw();
  }

  /**
   * Reports at once, or when keys rest.
   * @param {"data" | "scales" | null} part what was moved; the server keeps its own of the other
   * @param {number} [waitMs]
   */
  settle(part, waitMs = 0) {
    if (part) this.moved.add(part);
    this.resting.start(waitMs);
  }

  send() {
    const id = this.exchange.report();
    this.report({ id, moved: [...this.moved], data: handlesOnly(this.data), scales: this.scales });
    if (!this.exchange.unheard) this.moved.clear();
  }
}
