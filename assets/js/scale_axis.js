// The bench: sizes in the data and internal scales on one log2 axis, with handles that redraw all curves while held.
//
// data: { axis, sigma_one, data, scales, limits, network, alt, answers }; see pages/shared/bench/axis.py, which writes
// it and where the units are told. On release the whole state goes to the server as the state "bench".

const POINTS = 1001;  // as in core.tolerance: the trapezium rule on these gives the divergence
const DRAWN = 4;  // every fourth point is drawn
const HEIGHT = 300;
const MARGIN = { left: 52, right: 14, top: 44, bottom: 46 };
const DIP = 0.5;  // of the data's density; below it the mixture has a dip
const NEGLIGIBLE = 0.05;  // of the data's highest density; where it is lower, there is no dip to speak of
const STEP = 1 / 12;  // octaves, of an arrow key
const FINE = 1 / 120;  // with the Shift key
const LEAP = 1 / 3;  // Page up and down
const KEYS_REST_MS = 150;  // a key held down reports once it rests
const WAIT_MS = 4000;  // after which the server's state counts again, whatever was sent
const TICKS = [0.5, 1, 2, 4, 8, 16];
const SLIDER_STEPS = 1000;
const TAIL = 0.4;  // octaves, of log-uniform data

const benches = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let bench = benches.get(parentElement);
  if (!bench) benches.set(parentElement, (bench = new Bench(parentElement)));
  bench.update(data, (report) => setStateValue("bench", report));
  return () => bench.release();
}

class Bench {
  constructor(parent) {
    this.root = make("div", "bench");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Sizes in the data and internal scales on one axis");
    parent.append(this.root);
    this.mark = Math.random().toString(36).slice(2, 10);  // so that no report equals one of an earlier bench
    this.reports = 0;
    this.painted = 0;
    this.sent = null;
    this.held = null;
    this.chosen = 0;  // the mark that Remove removes
    this.moved = new Set();  // since the last report: "data", "scales"
    this.marks = [];
    this.ends = [];
    this.build();
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.plot);
  }

  release() {
    if (this.root.isConnected) return;
    this.resized.disconnect();
    clearTimeout(this.resting);
  }

  build() {
    this.plot = make("div", "plot");
    this.picture = draw("svg", { class: "picture", role: "img", height: HEIGHT });
    this.plot.append(this.picture);
    this.plot.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    this.plot.addEventListener("pointermove", (event) => this.onMove(event));
    for (const name of ["pointerup", "pointercancel"]) this.plot.addEventListener(name, () => this.onRelease());
    const bar = make("div", "bar");
    this.adding = button("Add a scale", () => this.add());
    this.removing = button("Remove the marked scale", () => this.remove(this.chosen));
    this.spacing = button("Equal steps", () => this.spaceEqually());
    this.adding.title = "Between the two scales that are farthest apart; or double-click where you want it";
    this.removing.title = "Or double-click its mark, or press Delete on it";
    this.spacing.title = "Log-uniform scales between the smallest and the largest";
    this.reading = make("output", "reading");
    bar.append(this.adding, this.removing, this.spacing, this.reading);
    this.root.append(legend(), this.plot, bar, this.buildSliders());
  }

  buildSliders() {
    const box = make("div", "sliders");
    this.sliders = [
      new Slider("Number of internal scales", "num_scales", (n) => `${n}`, true),
      new Slider("σ_basis: smallest scale", "reference", (x) => this.both(x)),
      new Slider("ISR: largest over smallest scale", "isr", (x) => x.toFixed(2)),
      new Slider("τ_tol: tolerance, octaves", "tau_tol", (x) => x.toFixed(3)),
    ];
    for (const slider of this.sliders) {
      box.append(slider.element);
      slider.onInput = (value) => this.slide(slider.name, value);
      slider.onSettled = (byKey) => this.send("scales", byKey ? KEYS_REST_MS : 0);
    }
    return box;
  }

  update(data, report) {
    this.report = report;
    if (!data) return;
    this.given = data;
    this.adopt(data);
    this.draw();
  }

  // The server's state counts, unless it is older than what the visitor does at this moment.
  adopt(data) {
    if (this.held || this.resting) return;
    if (this.sent && data.answers !== this.sent && performance.now() - this.sentAt < WAIT_MS) return;
    this.sent = null;
    this.data = { ...data.data };
    this.scales = { ...data.scales, free: data.scales.free && [...data.scales.free] };
    this.chosen = Math.min(this.chosen, this.centres().length - 1);
  }

  centres() {
    const { free, reference, isr, num_scales: n } = this.scales;
    if (free) return free;
    return Array.from({ length: n }, (_, i) => (n > 1 ? reference * isr ** (i / (n - 1)) : reference));
  }

  // The data scale and the internal scale that serves it.
  both(x) {
    return `${x.toFixed(2)}×, ${(x * this.given.sigma_one).toFixed(2)} px`;
  }

  draw() {
    if (!this.data) return;
    const [low, high] = this.given.axis.map(Math.log2);
    this.grid ??= Array.from({ length: POINTS }, (_, i) => low + ((high - low) * i) / (POINTS - 1));
    this.width = Math.max(240, this.plot.clientWidth);
    const centres = this.centres();
    const q = densityOf(this.data, this.grid);
    const parts = centres.map((centre) => bell(this.grid, Math.log2(centre), this.scales.tau_tol, centres.length));
    const p = this.grid.map((_, i) => parts.reduce((sum, part) => sum + part[i], 0));
    this.setHeight(Math.max(...p, ...q));
    const found = dips(this.grid, p, q);
    this.paint({ p, q, parts, centres, found });
    this.placeMarks(centres);
    this.placeEnds();
    this.tell(centres, p, q, found);
  }

  paint({ p, q, parts, centres, found }) {
    const svg = this.picture;
    const bottom = HEIGHT - MARGIN.bottom;
    svg.setAttribute("width", this.width);
    svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    svg.setAttribute("aria-label", this.given.alt);
    const curve = (values) => this.path(values);
    const ground = ` L${this.x(this.grid.at(-1))} ${bottom} L${this.x(this.grid[0])} ${bottom} Z`;
    const band = ([from, to]) => {
      const [left, right] = [this.x(from), this.x(to)];
      return draw("rect", { class: "dip", x: left, width: Math.max(2, right - left), y: MARGIN.top, height: bottom - MARGIN.top });
    };
    svg.replaceChildren(
      hatch(),
      ...this.frame(),
      ...found.map(band),
      draw("path", { class: "data", d: curve(q) + ground }),
      ...parts.map((part) => draw("path", { class: "component", d: curve(part) })),
      ...centres.filter((centre) => this.onAxis(centre)).map((centre) => {
        const x = this.x(Math.log2(centre));
        return draw("line", { class: "centre", x1: x, x2: x, y1: this.y(valueAt(this.grid, p, Math.log2(centre))), y2: bottom });
      }),
      draw("path", { class: "mixture", d: curve(p) }),
      ...this.given.network.filter((scale) => this.onAxis(scale)).map((scale) => {
        const x = this.x(Math.log2(scale));
        return draw("path", { class: "network", d: `M${x - 6} ${MARGIN.top + 1} h12 l-6 10 z` });
      }),
    );
  }

  // Axes with titles and units: data scale below, internal scale above, density at the left.
  frame() {
    const { left, right, top, bottom } = MARGIN;
    const [width, end] = [this.width - left - right, HEIGHT - bottom];
    const parts = [draw("rect", { class: "frame", x: left, y: top, width, height: end - top })];
    const label = (text, x, y, anchor = "middle") => {
      const element = draw("text", { x, y, "text-anchor": anchor });
      element.textContent = text;
      parts.push(element);
      return element;
    };
    for (const tick of TICKS) {
      const x = this.x(Math.log2(tick));
      parts.push(draw("line", { class: "grid", x1: x, x2: x, y1: top, y2: end }));
      label(`${tick}`, x, end + 26);
    }
    const [low, high] = this.given.axis.map((scale) => scale * this.given.sigma_one);
    for (let k = Math.ceil(Math.log2(low)); 2 ** k <= high; k++) {
      const x = this.x(k - Math.log2(this.given.sigma_one));
      parts.push(draw("line", { class: "frame", x1: x, x2: x, y1: top - 5, y2: top }));
      label(`${2 ** k}`, x, top - 9);
    }
    for (let k = 0; k * this.tick <= this.top * 1.0001; k++) {
      const y = this.y(k * this.tick);
      parts.push(draw("line", { class: "grid", x1: left, x2: left + width, y1: y, y2: y }));
      label(`${Number((k * this.tick).toFixed(2))}`, left - 6, y + 4, "end");
    }
    label("data scale (×, log2 axis)", left + width / 2, HEIGHT - 4);
    label("internal scale σ (pixels, log2 axis)", left + width / 2, 14);
    const middle = (top + end) / 2;
    label("density per octave", 13, middle).setAttribute("transform", `rotate(-90 13 ${middle})`);
    return parts;
  }

  // Round numbers on the axis of density, few enough to read.
  setHeight(highest) {
    const wanted = highest * 1.08;
    this.tick = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20].find((step) => wanted / step <= 5) ?? 50;
    this.top = Math.max(this.tick, Math.ceil(wanted / this.tick) * this.tick);
  }

  x(octaves) {
    const [low, high] = [this.grid[0], this.grid.at(-1)];
    return round(MARGIN.left + ((octaves - low) / (high - low)) * (this.width - MARGIN.left - MARGIN.right), 2);
  }

  y(density) {
    return round(HEIGHT - MARGIN.bottom - (density / this.top) * (HEIGHT - MARGIN.bottom - MARGIN.top), 2);
  }

  path(values) {
    let d = "";
    for (let i = 0; i < values.length; i += DRAWN) d += `${d ? "L" : "M"}${this.x(this.grid[i])} ${this.y(values[i])}`;
    return d;
  }

  onAxis(scale) {
    return scale >= this.given.axis[0] && scale <= this.given.axis[1];
  }

  clip(scale) {
    return Math.max(this.given.axis[0], Math.min(this.given.axis[1], scale));
  }

  placeMarks(centres) {
    while (this.marks.length > centres.length) this.marks.pop().remove();
    while (this.marks.length < centres.length) this.marks.push(this.handle("mark", this.marks.length));
    centres.forEach((centre, i) => {
      const alone = centres.length === 1;
      const name = alone ? "Internal scale" : `Internal scale ${i + 1} of ${centres.length}`;
      this.place(this.marks[i], name, centre, HEIGHT - MARGIN.bottom, this.both(centre));
      this.marks[i].classList.toggle("chosen", i === this.chosen);
    });
  }

  placeEnds() {
    const wanted = handlesOf(this.data);
    while (this.ends.length > wanted.length) this.ends.pop().remove();
    while (this.ends.length < wanted.length) {
      this.ends.push(this.handle("end", this.ends.length));
      if (this.marks.length) this.marks[0].before(this.ends.at(-1));
    }
    wanted.forEach(({ label, at, text }, i) => {
      const [density] = densityOf(this.data, [Math.log2(at)]);
      const height = Math.min(this.y(density), HEIGHT - MARGIN.bottom - 34);  // never under a mark
      this.place(this.ends[i], label, at, height, text ?? `${at.toFixed(2)}×`);
    });
  }

  handle(kind, index) {
    const element = make("div", `handle ${kind}`);
    element.setAttribute("role", "slider");
    element.tabIndex = 0;
    element.append(make("span", "tip"));
    element.addEventListener("pointerdown", (event) => this.onHold(event, kind, index, element));
    element.addEventListener("keydown", (event) => this.onKey(event, kind, index));
    if (kind === "mark") element.addEventListener("focus", () => this.choose(index));
    this.plot.append(element);
    return element;
  }

  place(element, label, scale, top, text) {
    const left = this.x(Math.log2(this.clip(scale)));
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
    const [low, high] = this.given.axis;
    const told = this.onAxis(scale) ? text : `${text}, beyond the axis`;
    const all = { "aria-label": label, "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": this.clip(scale), "aria-valuetext": told };
    for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
    element.dataset.value = scale;
    const tip = element.firstChild;
    tip.textContent = told;
    tip.className = `tip${left > this.width - 90 ? " left" : left < 90 ? " right" : ""}`;
  }

  choose(index) {
    this.chosen = index;
    this.marks.forEach((mark, i) => mark.classList.toggle("chosen", i === index));
  }

  // What the picture says, as numbers: the server's own follow on release.
  tell(centres, p, q, found) {
    const kl = divergence(this.grid, p, q);
    this.reading.textContent = kl === null ? "" : `KL ${kl.toFixed(4)} nats`;
    const { limits } = this.given;
    const smallest = Math.min(...centres);
    const shown = { ...this.scales, reference: smallest, isr: Math.max(...centres) / smallest, num_scales: centres.length };
    for (const slider of this.sliders) slider.show(shown[slider.name], limits[slider.name], slider.name === "isr" && centres.length === 1);
    this.adding.disabled = centres.length >= limits.num_scales[1];
    this.removing.disabled = centres.length <= 1;
    this.spacing.disabled = !this.scales.free;
    this.painted += 1;
    Object.assign(this.root.dataset, { kl: kl ?? "", dips: found.length, painted: this.painted, free: Boolean(this.scales.free) });
  }

  onHold(event, kind, index, element) {
    if (event.button || this.held) return;
    event.preventDefault();
    this.stopResting();
    this.held = { kind, index, element, pointer: event.pointerId, moved: false };
    element.classList.add("held");
    element.focus({ preventScroll: true });
    this.plot.setPointerCapture?.(event.pointerId);
  }

  onMove(event) {
    if (!this.held || event.pointerId !== this.held.pointer) return;
    this.held.moved = true;
    this.moveTo(this.held.kind, this.held.index, this.scaleAt(event));
    this.draw();
  }

  scaleAt(event) {
    const box = this.plot.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    return this.clip(2 ** (this.grid[0] + share * (this.grid.at(-1) - this.grid[0])));
  }

  onRelease() {
    if (!this.held) return;
    const { kind, index, element, moved } = this.held;
    this.held = null;
    element.classList.remove("held");
    if (!moved) return;
    if (kind === "mark") this.sort(index);
    this.draw();
    this.send(kind === "mark" ? "scales" : "data");
  }

  moveTo(kind, index, scale) {
    if (kind === "mark") this.free()[index] = tidy(this.clip(scale));
    else handlesOf(this.data)[index].set(scale, this.clip.bind(this));
  }

  // The marks as a set of their own, which no longer keeps equal steps.
  free() {
    this.scales.free ??= this.centres().map(tidy);
    return this.scales.free;
  }

  // Ascending again; the mark that was moved keeps the focus.
  sort(index) {
    const moved = this.scales.free[index];
    this.scales.free.sort((a, b) => a - b);
    const now = this.scales.free.indexOf(moved);
    if (now !== index && this.root.getRootNode().activeElement === this.marks[index]) this.marks[now].focus();
    this.choose(now);
  }

  onKey(event, kind, index) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const mark = kind === "mark";
    const now = Number((mark ? this.marks : this.ends)[index].dataset.value);
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const leap = { PageUp: LEAP, PageDown: -LEAP }[event.key];
    const octaves = leap ?? (direction && direction * (event.shiftKey ? FINE : STEP));
    if (mark && (event.key === "Delete" || event.key === "Backspace")) this.remove(index);
    else if (mark && event.key === "Enter") this.add(this.beside(index));
    else if (octaves || event.key === "Home" || event.key === "End") {
      this.moveTo(kind, index, octaves ? now * 2 ** octaves : this.given.axis[event.key === "Home" ? 0 : 1]);
      if (mark) this.sort(index);
      this.draw();
      this.send(mark ? "scales" : "data", KEYS_REST_MS);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The plot captures the pointer, so the event itself does not say what is under it.
  onDoubleClick(event) {
    const handle = this.root.getRootNode().elementFromPoint(event.clientX, event.clientY)?.closest(".handle");
    if (!handle) this.add(this.scaleAt(event));
    else if (this.marks.includes(handle)) this.remove(this.marks.indexOf(handle));
  }

  // Halfway to the next mark; beyond the last one, a step as far as the one before it.
  beside(index) {
    const all = this.centres();
    if (index + 1 < all.length) return Math.sqrt(all[index] * all[index + 1]);
    return index ? (all[index] * all[index]) / all[index - 1] : all[index] * 2;
  }

  // Without a place, in the widest gap.
  add(scale) {
    const all = this.free();
    if (all.length >= this.given.limits.num_scales[1]) return;
    const gaps = all.slice(1).map((centre, i) => centre / all[i]);
    const where = scale ?? (gaps.length ? this.beside(gaps.indexOf(Math.max(...gaps))) : this.beside(0));
    all.push(tidy(this.clip(where)));
    this.sort(all.length - 1);
    this.draw();
    this.marks[this.chosen].focus({ preventScroll: true });
    this.send("scales");
  }

  remove(index) {
    if (this.centres().length <= 1) return;
    const focused = this.marks.includes(this.root.getRootNode().activeElement);
    this.free().splice(index, 1);
    this.chosen = Math.min(index, this.scales.free.length - 1);
    this.draw();
    if (focused) this.marks[this.chosen].focus({ preventScroll: true });
    this.send("scales");
  }

  spaceEqually() {
    this.scales = { ...this.scales, ...this.equalSteps() };
    this.draw();
    this.send("scales");
  }

  // The log-uniform set with the smallest, the largest and the number of the present one.
  equalSteps() {
    const all = this.centres();
    const smallest = Math.min(...all);
    const isr = all.length > 1 ? Math.max(...all) / smallest : this.scales.isr;
    const within = (name, value) => Math.max(this.given.limits[name][0], Math.min(this.given.limits[name][1], value));
    return {
      free: null,
      reference: tidy(within("reference", smallest)),
      isr: tidy(within("isr", isr)),
      num_scales: all.length,
    };
  }

  slide(name, value) {
    if (name !== "tau_tol" && this.scales.free) Object.assign(this.scales, this.equalSteps());
    this.scales[name] = value;
    this.chosen = Math.min(this.chosen, this.centres().length - 1);
    this.draw();
  }

  stopResting() {
    clearTimeout(this.resting);
    this.resting = null;
  }

  // part: what was moved, "data" or "scales"; the server keeps its own of the other.
  send(part, wait = 0) {
    const now = () => {
      this.resting = null;
      this.reports += 1;
      this.sent = `${this.mark}-${this.reports}`;
      this.sentAt = performance.now();
      this.report({ id: this.sent, moved: [...this.moved], data: handlesOnly(this.data), scales: this.scales });
      this.moved.clear();
    };
    this.moved.add(part);
    this.stopResting();
    if (wait) this.resting = setTimeout(now, wait);
    else now();
  }
}

// A range input with its value in words; equal ratios are equal ways, except for whole numbers.
class Slider {
  constructor(label, name, text, whole = false) {
    this.name = name;
    this.text = text;
    this.whole = whole;
    this.element = make("label");
    this.input = make("input");
    this.input.type = "range";
    this.input.step = 1;
    this.input.setAttribute("aria-label", label);
    this.output = make("output");
    this.output.setAttribute("aria-hidden", "true");  // the value text says it
    this.element.append(make("span", "", label), this.output, this.input);
    this.input.addEventListener("keydown", () => (this.byKey = true));
    this.input.addEventListener("pointerdown", () => (this.byKey = false));
    this.input.addEventListener("input", () => this.onInput(this.value()));
    this.input.addEventListener("change", () => this.onSettled(this.byKey));
  }

  value() {
    const position = Number(this.input.value);
    if (this.whole) return position;
    const [low, high] = this.limits;
    return tidy(low * (high / low) ** (position / SLIDER_STEPS));
  }

  show(value, limits, disabled) {
    this.limits = limits;
    const [low, high] = limits;
    [this.input.min, this.input.max] = this.whole ? limits : [0, SLIDER_STEPS];
    const position = this.whole ? value : Math.round((SLIDER_STEPS * Math.log(value / low)) / Math.log(high / low));
    if (Number(this.input.value) !== position) this.input.value = position;
    this.input.disabled = disabled;
    this.output.textContent = disabled ? "–" : this.text(value);
    this.input.setAttribute("aria-valuetext", this.text(value));
    this.input.dataset.value = value;
  }
}

// The handles of a distribution: where each stands, and how it moves there.
function handlesOf(data) {
  if (data.kind === "log-uniform")
    return [
      { label: "Smallest data scale", at: data.low, set: (x, clip) => (data.low = tidy(clip(Math.min(x, data.high / 1.02)))) },
      { label: "Largest data scale", at: data.high, set: (x, clip) => (data.high = tidy(clip(Math.max(x, data.low * 1.02)))) },
    ];
  if (data.kind === "log-normal")
    return [
      { label: "Median data scale", at: data.median, set: (x, clip) => (data.median = tidy(clip(x))) },
      {
        label: "One standard deviation above the median",
        at: data.median * 2 ** data.std,
        text: `${data.std.toFixed(2)} octaves`,
        set: (x) => (data.std = tidy(Math.max(0.05, Math.min(3, Math.log2(x / data.median))))),
      },
    ];
  const spread = (mean, std) => Object.assign(data, { mean, std: tidy(Math.max(0.05, 0.02 * mean, Math.min(8, std))) });
  if (data.kind === "normal")
    return [
      { label: "Mean data scale", at: data.mean, set: (x, clip) => spread(tidy(clip(x)), data.std) },
      {
        label: "One standard deviation above the mean",
        at: data.mean + data.std,
        text: `${data.std.toFixed(2)}× above the mean`,
        set: (x) => spread(data.mean, x - data.mean),
      },
    ];
  return [];
}

function handlesOnly({ density, ...others }) {
  return others;
}

// Probability per octave at places on the log2 axis, as in core.tolerance.
function densityOf(data, octaves) {
  const { kind } = data;
  if (kind === "measured") return octaves.length === data.density.length ? data.density : octaves.map(() => 0);
  const bellAt = (x, middle, std) => Math.exp(-0.5 * ((x - middle) / std) ** 2) / (Math.sqrt(2 * Math.PI) * std);
  if (kind === "log-normal") return octaves.map((x) => bellAt(x, Math.log2(data.median), data.std));
  if (kind === "normal") {
    const above = normalAbove(-data.mean / data.std);  // sizes are positive
    return octaves.map((x) => (bellAt(2 ** x, data.mean, data.std) * 2 ** x * Math.LN2) / above);
  }
  const [low, high] = [Math.log2(data.low), Math.log2(data.high)];
  const mass = high - low + Math.sqrt(2 * Math.PI) * TAIL;
  return octaves.map((x) => Math.exp(-0.5 * (Math.max(0, low - x, x - high) / TAIL) ** 2) / mass);
}

// P(Z > z) of the standard normal distribution, by Simpson's rule; z ≤ 0 here.
function normalAbove(z) {
  const [n, end] = [200, Math.min(8, -z)];
  const density = (t) => Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(end);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * density((end * i) / n);
  return 0.5 + (sum * end) / (3 * n);
}

// One internal scale's share of the mixture.
function bell(octaves, centre, tau, count) {
  const height = 1 / (count * Math.sqrt(2 * Math.PI) * tau);
  return octaves.map((x) => height * Math.exp(-0.5 * ((x - centre) / tau) ** 2));
}

// KL(p ‖ q) in nats on the cut axis, both normalised there; null if most of the data lie beyond it.
function divergence(octaves, p, q) {
  const step = octaves[1] - octaves[0];
  const last = octaves.length - 1;
  const integral = (value) => octaves.reduce((sum, _, i) => sum + (i % last ? 1 : 0.5) * step * value(i), 0);
  const [massP, massQ] = [integral((i) => p[i]), integral((i) => q[i])];
  if (massQ < 0.5 || !(massP > 0)) return null;
  const terms = (i) => (p[i] > 0 ? (p[i] / massP) * Math.log(p[i] / massP / (Math.max(q[i], 1e-300) / massQ)) : 0);
  return Math.max(0, integral(terms));
}

// Where the mixture falls below half of the data, from and to in octaves.
function dips(octaves, p, q) {
  const least = NEGLIGIBLE * Math.max(...q);
  const found = [];
  let start = null;
  octaves.forEach((x, i) => {
    const low = q[i] >= least && p[i] < DIP * q[i];
    if (low) start ??= x;
    if (start !== null && (!low || i === octaves.length - 1)) {
      found.push([start, low ? x : octaves[i - 1]]);
      start = null;
    }
  });
  return found;
}

function valueAt(octaves, values, x) {
  const step = octaves[1] - octaves[0];
  return values[Math.max(0, Math.min(values.length - 1, Math.round((x - octaves[0]) / step)))];
}

// What each line means, as text beside a sample of it.
function legend() {
  const list = make("ul", "legend");
  const line = (name) => draw("line", { class: name, x1: 0, x2: 30, y1: 7, y2: 7 });
  const samples = [
    ["sizes in the data", draw("rect", { class: "data", x: 1, y: 1, width: 28, height: 12 })],
    ["all internal scales", line("mixture")],
    ["one internal scale", line("component")],
    ["its centre", line("centre")],
    ["dip", draw("rect", { class: "dip", x: 1, y: 1, width: 28, height: 12 })],
    ["scales of the network", draw("path", { class: "network", d: "M9 2 h12 l-6 10 z" })],
  ];
  for (const [text, sample] of samples) {
    const svg = draw("svg", { "aria-hidden": "true" });
    svg.append(sample);
    const item = make("li", "", text);
    item.prepend(svg);
    list.append(item);
  }
  return list;
}

function hatch() {
  const pattern = draw("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(draw("rect", { width: 2.5, height: 7, fill: "#D55E00", "fill-opacity": 0.4 }));
  return pattern;
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

function button(text, onClick) {
  const element = make("button", "", text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

function draw(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function round(value, decimals) {
  return Number(value.toFixed(decimals));
}

// The places that a link keeps.
function tidy(value) {
  return round(value, 4);
}
