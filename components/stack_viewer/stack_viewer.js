// @ts-check
// The stack viewer: maps over the amounts of a transform, under a handle that redraws while it is held.
//
// components/stack_viewer/__init__.py writes its data and tells the units. Maps come by way of stack_data.js. On release
// the amount goes to the server as the state "moved", with the map that is open; words and numbers of every amount are
// here already.

import { make, makeButton, Scope } from "../shared/dom.js";
import { offerFigure } from "../shared/figures.js";
import { direction, end, isCommand, KEYS_REST_MS, leap } from "../shared/keys.js";
import { component } from "../shared/mount.js";
import { Exchange, Resting } from "../shared/protocol.js";
import { onArrival } from "../shared/stacks.js";
import { Terms } from "../shared/terms.js";
import { ActPart } from "./act.js";
import { back, forward } from "./affine.js";
import { Axis } from "./axis.js";
import { BarsPart } from "./bars.js";
import { colours, isDark } from "./colours.js";
import { Corner, Meeting } from "./corner.js";
import { LayerPart } from "./layer.js";
import { Panel } from "./panel.js";
import { RibbonsPart } from "./ribbons.js";
import { SIGNS, TOOLS } from "./signs.js";
import { Square } from "./square.js";
import { meant, spelled } from "./tiles.js";
import { NotePart, NumberPart, perFrame } from "./words.js";

/**
 * @typedef {object} Handle as components.stack_viewer.Handle
 * @property {number[]} amounts
 * @property {number} amount
 * @property {number[]} steps
 * @property {number} identity
 * @property {[number, string][]} ticks
 * @property {string} label
 * @property {string} symbol
 * @property {string} unit
 * @property {boolean} log
 * @property {import("./affine.js").Affine[]} points
 * @property {number} decimals
 * @property {string} step_words
 */

/**
 * @typedef {import("./panel.js").GivenMaps | import("./corner.js").GivenCorner} GivenShown
 * @typedef {import("./words.js").GivenNumber | import("./words.js").GivenNote} GivenWords
 * @typedef {GivenMaps | GivenWords | import("./square.js").GivenSquare | import("./ribbons.js").GivenRibbons
 *   | import("./act.js").GivenAct | import("./bars.js").GivenBars | import("./layer.js").GivenLayer} GivenPart
 * @typedef {import("./panel.js").GivenMaps} GivenMaps
 * @typedef {import("./panel.js").Shown} Shown
 * @typedef {{ handle: Handle, rows: { heading: string, folded: boolean, panels: GivenPart[] }[],
 *   tables: Record<string, string>, terms: import("../shared/terms.js").Term[], opened: string, answers: string,
 *   plays_once: boolean }} Data
 * @typedef {import("../shared/mount.js").Given<Data>} Given
 */

const PLAY_MS = 70; // per frame

export default component((/** @type {Given} */ given) => {
  const viewer = new Viewer(given);
  const { root: element, scope } = viewer;
  const copyInto = (/** @type {HTMLElement} */ parent, /** @type {(json: string) => string} */ recoloured) =>
    viewer.copyInto(parent, recoloured);
  offerFigure(scope, "viewer", {
    element, copyInto, told: () => viewer.reading.textContent ?? "", tools: TOOLS, signs: SIGNS,
  });
  return viewer;
});

class Viewer {
  /** @param {Given} given */
  constructor({ parentElement }) {
    this.host = parentElement instanceof ShadowRoot ? parentElement.host : parentElement;
    this.scope = new Scope();
    this.ofPanels = new Scope();
    this.exchange = new Exchange();
    this.resting = new Resting(() => this.send());
    /** @type {(report: { amount: number, opened: string, id: string }) => void} */
    this.report = () => {};
    /** @type {Data | null} */
    this.data = null;
    this.axis = new Axis([1], false);
    /** @type {Record<string, Uint32Array> | null} */
    this.tables = null;
    /** @type {Shown[]} */
    this.panels = [];
    /** @type {(NumberPart | NotePart | RibbonsPart | ActPart | BarsPart)[]} */
    this.words = [];
    this.terms = new Terms([]);
    /** @type {LayerPart | null} */
    this.layer = null;
    /** @type {import("./tiles.js").Chosen | null} its map that is open */
    this.chosen = null;
    this.layout = this.scale = "";
    this.painted = 0;
    this.frame = 0;
    this.held = false;
    this.snapping = false; // whether Shift is down
    this.untouched = true; // by the visitor: only then it plays by itself
    /** @type {number | null} the request for the next frame of the sweep */
    this.playing = null;
    /** @type {{ panel: Shown, spot: import("./panel.js").Spot } | null} where the crosshair stands */
    this.pointed = null;
    this.play = makeButton("", "play");
    this.rail = make("div", "rail");
    this.ticks = make("div", "ticks");
    this.handle = make("input", "handle");
    this.reading = make("output", "reading");
    this.symbol = make("span");
    this.value = make("span");
    this.reading.append(this.symbol, this.value);
    this.rows = make("div", "rows");
    this.root = make("div", "viewer");
    this.root.setAttribute("role", "group");
    this.hint = make("p", "hint", "Nothing moves by itself, as your system asks: drag the handle, or press an arrow key on it.");
    this.bar = this.buildBar();
    this.root.append(this.bar, this.hint, this.rows);
    parentElement.append(this.root);
    this.listenToHandle();
    this.scope.listen(this.root, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    this.scope.listen(globalThis, "keydown", (/** @type {KeyboardEvent} */ event) => this.onPageKey(event));
    onArrival(this.scope, () => this.draw());
    this.scope.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.draw());
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.meeting = new Meeting();
    this.scope.listen(this.calm, "change", () => {
      if (this.calm.matches) this.meeting.stop();
      this.showMotion();
    });
    this.showMotion();
  }

  release() {
    this.stopSweep();
    this.meeting.stop();
    this.resting.stop();
    this.ofPanels.release();
    this.scope.release();
    this.root.remove();
  }

  /**
   * Draws the maps as they stand once more, for a picture.
   * @param {HTMLElement} parentElement
   * @param {(json: string) => string} recoloured gives the data other colours
   */
  copyInto(parentElement, recoloured) {
    const data = /** @type {Data} */ (JSON.parse(recoloured(JSON.stringify(this.data))));
    const given = { parentElement, data, setStateValue() {}, setTriggerValue() {} };
    data.handle.amount = this.axis.amounts[this.frame];
    data.plays_once = false;
    const copy = new Viewer(given);
    Object.assign(copy.meeting, { share: this.meeting.share, second: this.meeting.second });
    copy.update(given);
    return () => copy.release();
  }

  buildBar() {
    this.ticks.setAttribute("aria-hidden", "true"); // the value text says where the handle is
    Object.assign(this.handle, { type: "range", min: "0", step: "1" });
    this.rail.append(this.ticks, this.handle);
    const track = make("div", "track");
    track.append(this.rail);
    const bar = make("div", "bar");
    bar.append(this.play, track, this.reading);
    return bar;
  }

  listenToHandle() {
    const { scope, handle } = this;
    this.exchange.repeats(scope, () => this.send());
    scope.listen(this.play, "click", () => (this.playing === null ? this.start() : this.pause()));
    scope.listen(handle, "pointerdown", (/** @type {PointerEvent} */ event) => {
      if (event.button) return;
      this.untouched = false;
      this.pause();
      this.resting.stop(); // the release reports
      this.held = true;
      this.snapping = event.shiftKey;
      handle.focus({ preventScroll: true }); // Safari leaves it where it was
    });
    scope.listen(handle, "pointermove", (/** @type {PointerEvent} */ event) => (this.snapping = event.shiftKey));
    scope.listen(handle, "input", () => this.onInput());
    scope.listen(handle, ["pointerup", "pointercancel", "change", "blur"], () => this.onRelease());
  }

  /** @param {Given} given */
  update({ data, setStateValue }) {
    this.report = (report) => setStateValue("moved", report);
    if (!data) return;
    const first = !this.data;
    const before = this.axis.amounts[this.frame];
    this.data = data;
    const { handle } = data;
    this.axis = new Axis(handle.amounts, handle.log);
    this.tables ??= Object.fromEntries(Object.entries(data.tables).map(([name, text]) => [name, colours(text)]));
    const counts = this.exchange.accepts(data.answers, !first && this.busy());
    this.frame = this.axis.nearest(counts ? handle.amount : before);
    if (counts) this.chosen = meant(data.opened);
    const scale = JSON.stringify({ ...handle, amount: null, points: null });
    if (scale !== this.scale) this.buildScale(handle);
    const layout = JSON.stringify([data.rows, handle.amounts, handle.symbol, data.terms]);
    if (layout !== this.layout) this.buildParts(data.rows);
    Object.assign(this, { scale, layout });
    this.layer?.show(this.chosen);
    this.showMotion();
    this.draw();
  }

  /** Whether the visitor moves the handle at this moment, or the sweep does. */
  busy() {
    return this.held || this.playing !== null || this.resting.pending;
  }

  /** @param {Handle} given */
  buildScale({ steps, ticks, label, identity }) {
    const { axis } = this;
    this.root.setAttribute("aria-label", `Viewer of maps: ${label}`);
    this.handle.setAttribute("aria-label", label);
    this.handle.max = String(axis.last);
    this.ticks.replaceChildren(
      ...[identity].filter((amount) => axis.holds(amount)).map((amount) => tick("identity", axis.share(amount))),
      ...steps.filter((step) => axis.holds(step)).map((step) => tick("step", axis.share(step))),
      ...ticks.filter(([amount]) => axis.holds(amount)).map(([amount, text]) => tick("label", axis.share(amount), text)),
    );
  }

  /** @param {Data["rows"]} rows */
  buildParts(rows) {
    this.ofPanels.release();
    this.ofPanels = new Scope();
    this.panels = [];
    this.words = [];
    this.layer = null;
    this.pointed = null;
    this.terms = new Terms(this.data?.terms ?? []);
    this.terms.write(this.symbol, this.data?.handle.symbol ?? "");
    this.rows.replaceChildren(...rows.map((row) => this.buildRow(row)));
    this.placeBar(rows.flatMap((row) => row.panels).filter((part) => part.kind === "square"));
  }

  /** @param {Data["rows"][number]} row */
  buildRow({ heading, folded, panels }) {
    const part = make(folded ? "details" : "section");
    const line = make("div", "row");
    if (folded) part.append(make("summary", "heading", heading));
    else if (heading) part.append(make("h2", "heading", heading));
    part.append(line);
    line.append(...panels.map((given) => this.buildPart(given)));
    this.ofPanels.listen(part, "toggle", () => this.draw()); // what is folded is not drawn
    return part;
  }

  /** @param {GivenPart} given @returns {HTMLElement} */
  buildPart(given) {
    if (given.kind === "layer") {
      this.layer = new LayerPart(given, this, this.ofPanels);
      this.panels.push(...this.layer.panels);
      return this.layer.element;
    }
    if (given.kind === "act") {
      const act = new ActPart(given, this, this.ofPanels);
      this.panels.push(act.panel);
      this.words.push(act);
      return act.element;
    }
    if (given.kind === "maps") return this.buildShown(given);
    if (given.kind === "square") return new Square(given, (place) => this.buildShown(place, true)).element;
    return this.buildWords(given).element;
  }

  /** @param {GivenShown} given @param {boolean} [fluid] */
  buildShown(given, fluid = false) {
    const [surroundings, scope] = [this, this.ofPanels];
    const panel =
      given.kind === "maps"
        ? new Panel(given, surroundings, scope, fluid)
        : new Corner(given, surroundings, scope, this.meeting);
    this.panels.push(panel);
    return panel.element;
  }

  /** @param {GivenWords | import("./ribbons.js").GivenRibbons | import("./bars.js").GivenBars} given */
  buildWords(given) {
    const { axis } = this;
    const { ticks = [], identity = 0 } = this.data?.handle ?? {};
    const part =
      given.kind === "note"
        ? new NotePart(given, this.terms)
        : given.kind === "number"
          ? new NumberPart(given)
          : given.kind === "bars"
            ? new BarsPart(given, this.terms)
            : new RibbonsPart(given, { axis, ticks, identity }, this.ofPanels);
    this.words.push(part);
    return part;
  }

  /**
   * Above the maps; below a square, where it stays at the edge of the screen.
   * @param {import("./square.js").GivenSquare[]} squares
   */
  placeBar(squares) {
    this.root.classList.toggle("squared", squares.length > 0);
    this.root.classList.toggle("layered", this.layer !== null);
    this.root.dataset.squares = String(squares.length);
    // Moved only where it must be, since what is moved loses the focus.
    if (squares.length && this.bar.nextSibling) this.root.append(this.bar);
    else if (!squares.length && this.bar.previousSibling) this.root.prepend(this.bar);
    const flicks = squares.some(({ bottom }) => bottom.some((place) => place.kind === "corner" && place.mode === "flick"));
    if (!flicks) this.meeting.stop();
    else if (!this.calm.matches) this.meeting.start();
  }

  draw() {
    if (!this.data || !this.tables) return;
    const { axis, frame } = this;
    const { handle } = this.data;
    const amount = axis.amounts[frame];
    const dark = isDark(this.host);
    const settled = !this.busy();
    let ready = true;
    for (const panel of this.seen()) ready = panel.draw(frame, this.tables, dark) && ready;
    for (const each of this.words) each.draw(frame, settled);
    this.showSpot();
    const told = tell(amount, handle.decimals, handle.unit);
    const onStep = handle.steps.some((step) => axis.alike(step, amount));
    this.handle.value = String(frame);
    this.handle.setAttribute("aria-valuetext", onStep ? `${told}, ${handle.step_words}` : told);
    this.value.textContent = ` = ${told}`;
    this.painted += 1;
    const shown = { s: amount, frame, frames: axis.last + 1, painted: this.painted, ready, settled };
    Object.assign(this.root.dataset, shown);
    if (ready && this.untouched && this.data.plays_once) this.start(true);
  }

  /** @returns {Shown[]} the panels that are neither folded away nor behind an open map */
  seen() {
    return this.panels.filter(({ element }) => !element.closest("[hidden], details:not([open])"));
  }

  /**
   * Opens a map of the layer, or closes it, and reports.
   * @param {import("./tiles.js").Chosen | null} chosen
   * @param {boolean} [byKey] which may be held down
   */
  open(chosen, byKey = false) {
    this.chosen = chosen;
    this.layer?.show(chosen);
    this.draw();
    this.resting.start(byKey ? KEYS_REST_MS : 0);
  }

  /** @param {number} frame */
  goTo(frame) {
    const clipped = this.axis.clip(frame);
    if (clipped === this.frame) return;
    this.frame = clipped;
    this.draw();
  }

  // By pointer, or by assistive technology, which reports no release.
  onInput() {
    const { axis } = this;
    const marks = this.marks();
    const wanted = Number(this.handle.value);
    const snap = this.snapping && marks.length > 0;
    this.pause();
    this.goTo(snap ? axis.nearest(marks[axis.nearest(axis.amounts[wanted], marks)]) : wanted);
    this.handle.value = String(this.frame);
    if (!this.held) this.resting.start(KEYS_REST_MS);
  }

  onRelease() {
    if (!this.held) return;
    this.held = this.snapping = false;
    this.send();
  }

  send() {
    const opened = spelled(this.chosen, this.layer?.given.places.length ?? 1);
    this.report({ amount: this.axis.amounts[this.frame], opened, id: this.exchange.report() });
    this.draw(); // what waits until the handle rests
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (isCommand(event) || !this.data) return;
    if (event.key === "Escape" && [...this.panels, ...(this.layer ? [this.layer] : [])].some((part) => part.shrink())) {
      event.preventDefault(); // one Escape, one thing closed
      return this.draw();
    }
    const step = direction(event);
    const group = event.shiftKey ? step : leap(event);
    let frame = this.frame + step;
    if (group) frame = this.axis.nextMark(this.frame, group, this.marks());
    else if (end(event)) frame = end(event) > 0 ? this.axis.last : 0;
    else if (!step) return;
    event.preventDefault();
    this.untouched = false;
    this.pause();
    this.resting.start(KEYS_REST_MS);
    this.goTo(frame);
  }

  // As long as nothing has the focus, arrows to the left and right belong to the handle; before an audience to its views.
  /** @param {KeyboardEvent} event */
  onPageKey(event) {
    const { activeElement, body, documentElement } = document;
    const free = (!activeElement || activeElement === body) && !documentElement.classList.contains("eq-presenting");
    if (free && !event.defaultPrevented && /^(Arrow(Left|Right)|Escape)$/.test(event.key)) this.onKey(event);
  }

  // Where the handle snaps: the marked steps, and no change at all.
  marks() {
    const { steps = [], identity = 0 } = this.data?.handle ?? {};
    return [...steps, identity].filter((mark) => this.axis.holds(mark));
  }

  /** @param {boolean} [once] to both ends and back to where it began */
  start(once = false) {
    this.untouched = false;
    if (this.calm.matches) return;
    let forth = 1;
    let last = performance.now();
    const from = this.frame;
    let ends = 0;
    const step = (/** @type {number} */ now) => {
      if (now - last >= PLAY_MS) {
        last = now;
        if (this.frame >= this.axis.last || this.frame <= 0) ends += 1;
        if (this.frame >= this.axis.last) forth = -1;
        else if (this.frame <= 0) forth = 1;
        this.goTo(this.frame + forth);
        if (once && ends > 1 && this.frame === from) return this.finish();
      }
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.showMotion();
  }

  // Of what played by itself: the handle stands where the server knows it, so there is nothing to report.
  finish() {
    this.stopSweep();
    this.showMotion();
    this.draw();
  }

  pause() {
    if (this.playing === null) return;
    this.stopSweep();
    this.showMotion();
    this.send();
  }

  stopSweep() {
    if (this.playing !== null) cancelAnimationFrame(this.playing);
    this.playing = null;
  }

  showMotion() {
    const playing = this.playing !== null;
    this.play.disabled = this.calm.matches;
    this.play.title = this.calm.matches ? "Your system asks for less motion: drag the handle instead." : "";
    this.hint.hidden = !(this.calm.matches && this.data?.plays_once);
    this.play.textContent = playing ? "‖ Pause" : "▶ Play";
    this.root.dataset.playing = String(playing);
  }

  /**
   * The crosshair: one place of the image, shown in every panel.
   * @param {Shown} panel
   * @param {import("./panel.js").Spot | null} spot
   */
  point(panel, spot) {
    this.pointed = spot && { panel, spot };
    if (spot) this.showSpot();
    else for (const each of this.panels) each.clearSpot();
  }

  showSpot() {
    if (!this.pointed || !this.data) return;
    const { panel, spot } = this.pointed;
    const map = this.data.handle.points[this.frame];
    const before = spot.space === "before" ? spot : back(map, spot);
    const after = spot.space === "after" ? spot : forward(map, spot);
    const side = perFrame(panel.given.receptive, this.frame);
    for (const each of this.seen()) {
      const place = each.given.space === "before" ? before : after;
      const field = each.given.image && each.given.space === panel.given.receptive_space ? side : undefined;
      if (place) each.showSpot(this.frame, place, each === panel ? spot.tile : null, field);
    }
  }
}

/** @param {number} amount @param {number} decimals @param {string} unit */
function tell(amount, decimals, unit) {
  const number = amount.toFixed(decimals).replace(/^-(0(\.0*)?)$/, "$1").replace("-", "−");
  return unit && !unit.startsWith("°") ? `${number} ${unit}` : number + unit;
}

/** @param {string} name class @param {number} share of the way @param {string} [text] */
function tick(name, share, text = "") {
  const element = make("span", name, text);
  element.style.left = `${100 * share}%`;
  return element;
}
