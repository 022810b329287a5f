// The stack viewer: maps over scale factors under a handle that redraws while it is held.
//
// data: { factors, steps, s, rows: [{ panels }], tables }; see pages/shared/stack_viewer.py, which writes it. Maps come
// by way of stack_data.js. On release the factor goes to the server as the state "s".

const UNKNOWN = 255;
const UNKNOWN_COLOUR = 0xff808080;  // grey, as everywhere
const PLAY_MS = 70;  // per frame
const KEYS_REST_MS = 150;  // a key held down reports once it rests
const WAIT_MS = 4000;  // after which the server's factor counts again, whatever was sent

const viewers = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) viewers.set(parentElement, (viewer = new Viewer(parentElement)));
  viewer.update(data, (s) => setStateValue("s", s));
}

class Viewer {
  constructor(parent) {
    this.host = parent.host ?? parent;
    this.root = make("div", "viewer");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Viewer of maps over the scale factor");
    parent.append(this.root);
    this.painted = 0;
    this.frame = 0;
    this.held = false;
    this.sent = null;
    this.buildBar();
    this.rows = make("div", "rows");
    this.root.append(this.rows);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("equiscope-stack", () => this.root.isConnected && this.draw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.calm.addEventListener("change", () => this.showMotion());
    this.showMotion();
  }

  buildBar() {
    const bar = make("div", "bar");
    this.playing = null;
    this.play = make("button", "play");
    this.play.type = "button";
    this.play.addEventListener("click", () => (this.playing ? this.pause() : this.start()));
    this.track = make("div", "track");
    this.rail = make("div", "rail");
    this.handle = make("div", "handle");
    for (const [name, value] of Object.entries({ role: "slider", tabindex: 0, "aria-label": "Scale factor s" }))
      this.handle.setAttribute(name, value);
    this.ticks = make("div");
    this.rail.append(this.ticks, this.handle);
    this.track.append(this.rail);
    this.track.addEventListener("pointerdown", (event) => this.onHold(event));
    this.track.addEventListener("pointermove", (event) => this.held && this.moveTo(event));
    for (const name of ["pointerup", "pointercancel"])
      this.track.addEventListener(name, () => this.onRelease());
    this.reading = make("output", "reading");
    bar.append(this.play, this.track, this.reading);
    this.root.append(bar);
  }

  update(data, report) {
    this.report = report;
    if (!data) return;
    const factors = data.factors.join();
    const layout = JSON.stringify(data.rows);
    if (this.data?.factors.join() !== factors || JSON.stringify(this.data.steps) !== JSON.stringify(data.steps))
      this.buildTicks(data);
    const first = !this.data;
    this.data = data;
    this.tables ??= Object.fromEntries(Object.entries(data.tables).map(([name, text]) => [name, colours(text)]));
    if (layout !== this.layout) this.buildPanels(data.rows);
    this.layout = layout;
    this.adopt(data.s, first);
    this.draw();
  }

  // The server's factor counts, unless it is older than what the visitor does at this moment.
  adopt(s, first) {
    if (this.held || this.playing || this.resting) return;
    if (this.sent !== null && s !== this.sent && performance.now() - this.sentAt < WAIT_MS) return;
    this.sent = null;
    if (first || s !== this.data.factors[this.frame]) this.frame = nearest(this.data.factors, s);
  }

  buildTicks(data) {
    this.ticks.replaceChildren();
    const labels = [[0.5, "0.5"], [1, "1"], [2, "2"]];
    for (const s of data.steps) this.ticks.append(tick("step", place(data.factors, s)));
    for (const [s, text] of labels)
      if (s >= data.factors[0] && s <= data.factors.at(-1)) this.ticks.append(tick("label", place(data.factors, s), text));
    this.handle.setAttribute("aria-valuemin", data.factors[0]);
    this.handle.setAttribute("aria-valuemax", data.factors.at(-1));
  }

  buildPanels(rows) {
    this.panels = [];
    this.rows.replaceChildren(
      ...rows.map((row) => {
        const part = make("section");
        const line = make("div", "row");
        if (row.heading) part.append(make("h2", "heading", row.heading));
        part.append(line);
        for (const given of row.panels) {
          const panel = given.kind === "maps" ? new Panel(given, this) : new Words(given);
          this.panels.push(panel);
          line.append(panel.element);
        }
        return part;
      }),
    );
  }

  draw() {
    const { factors, steps } = this.data;
    const s = factors[this.frame];
    const dark = isDark(this.host);
    let ready = true;
    for (const panel of this.panels) ready = panel.draw(this.frame, this.tables, dark) && ready;
    if (this.spot) this.showSpot();
    this.handle.style.left = `${100 * place(factors, s)}%`;
    const words = `${s.toFixed(2)}${steps.some((step) => Math.abs(step - s) < 1e-3 * s) ? ", a step of the internal scales" : ""}`;
    this.handle.setAttribute("aria-valuenow", s);
    this.handle.setAttribute("aria-valuetext", words);
    this.reading.textContent = `s = ${s.toFixed(2)}`;
    this.painted += 1;
    Object.assign(this.root.dataset, { s, frame: this.frame, frames: factors.length, painted: this.painted, ready });
  }

  goTo(frame) {
    const clipped = Math.max(0, Math.min(this.data.factors.length - 1, frame));
    if (clipped === this.frame) return;
    this.frame = clipped;
    this.draw();
  }

  onHold(event) {
    if (event.button) return;
    event.preventDefault();
    this.pause();
    this.held = true;
    this.track.setPointerCapture(event.pointerId);
    this.handle.focus({ preventScroll: true });
    this.moveTo(event);
  }

  moveTo(event) {
    const box = this.rail.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const { factors } = this.data;
    const s = factors[0] * (factors.at(-1) / factors[0]) ** share;
    const wanted = event.shiftKey ? this.marks()[nearest(this.marks(), s)] : s;
    this.goTo(nearest(factors, wanted));
  }

  onRelease() {
    if (!this.held) return;
    this.held = false;
    this.send();
  }

  send() {
    const s = this.data.factors[this.frame];
    this.sent = s;
    this.sentAt = performance.now();
    this.report(s);
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const group = step && event.shiftKey ? step : { PageUp: 1, PageDown: -1 }[event.key];
    const last = this.data.factors.length - 1;
    if (event.key === "Escape" && this.panels.some((panel) => panel.shrink?.())) return this.draw();
    if (group) this.goTo(this.nextStep(group));
    else if (step) this.goTo(this.frame + step);
    else if (event.key === "Home") this.goTo(0);
    else if (event.key === "End") this.goTo(last);
    else return;
    event.preventDefault();
    this.pause();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = null;
      this.send();
    }, KEYS_REST_MS);
  }

  // Where the handle snaps: the steps of the internal scales, and no change at all.
  marks() {
    return [...this.data.steps, 1];
  }

  // The frame of the next step of the internal scales in a direction; the end where there is none.
  nextStep(direction) {
    const { factors } = this.data;
    const s = factors[this.frame];
    const beyond = this.marks().filter((step) => direction * Math.log(step / s) > 1e-3);
    if (!beyond.length) return direction > 0 ? factors.length - 1 : 0;
    return nearest(factors, direction > 0 ? Math.min(...beyond) : Math.max(...beyond));
  }

  start() {
    if (this.calm.matches) return;
    let direction = 1;
    let last = performance.now();
    const step = (now) => {
      if (!this.playing || !this.root.isConnected) return this.pause();
      if (now - last >= PLAY_MS) {
        last = now;
        const end = this.data.factors.length - 1;
        if ((direction > 0 && this.frame >= end) || (direction < 0 && this.frame <= 0)) direction = -direction;
        this.goTo(this.frame + direction);
      }
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.showMotion();
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.showMotion();
    if (this.root.isConnected) this.send();
  }

  showMotion() {
    this.play.disabled = this.calm.matches;
    this.play.title = this.calm.matches ? "Your system asks for less motion: drag the handle instead." : "";
    this.play.textContent = this.playing ? "⏸ Pause" : "▶ Play";
    this.root.dataset.playing = Boolean(this.playing);
  }

  // The crosshair: one place of the image, shown in every panel. `spot` is in image pixels from the canvas centre.
  point(panel, spot) {
    this.spot = spot && { panel, ...spot };
    if (spot) this.showSpot();
    else for (const each of this.panels) each.clearSpot?.();
  }

  showSpot() {
    const s = this.data.factors[this.frame];
    const { panel, y, x, space, tile } = this.spot;
    const inBefore = space === "before" ? { y, x } : { y: y / s, x: x / s };
    const inAfter = space === "after" ? { y, x } : { y: y * s, x: x * s };
    const side = perFrame(panel.given.receptive, this.frame);
    for (const each of this.panels) {
      if (!each.showSpot) continue;
      const at = each.given.space === "before" ? inBefore : inAfter;
      const field = each.given.image && each.given.space === panel.given.receptive_space ? side : undefined;
      each.showSpot(this.frame, at, each === panel ? tile : null, field);
    }
  }
}

// A number, or a sentence, that follows the handle.
class Words {
  constructor(given) {
    this.given = given;
    this.element = make("div", given.kind);
    this.figure = make("div", "figure");
    this.text = make("div", "text");
    this.element.append(this.figure, this.text);
  }

  draw(frame) {
    this.figure.textContent = perFrame(this.given.values ?? "", frame);
    this.text.textContent = perFrame(this.given.text, frame);
    return true;
  }
}

// One canvas: a map, or several side by side, under one caption.
class Panel {
  constructor(given, viewer) {
    this.given = given;
    this.viewer = viewer;
    this.zoom = null;  // the map that is shown large, by its place; -1 for all of them
    this.element = make("figure", "panel");
    this.button = make("button", "picture");
    this.button.type = "button";
    this.canvas = make("canvas", "maps");
    this.overlay = make("canvas", "overlay");
    for (const each of [this.canvas, this.overlay]) each.setAttribute("aria-hidden", "true");
    this.button.append(this.canvas, this.overlay);
    this.caption = make("figcaption");
    const title = make("b", "", given.title);
    if (given.colour) title.style.color = given.colour;
    this.text = make("span", "text");
    this.value = make("span", "value");
    this.caption.append(title, this.text, this.value);
    this.element.append(this.button, this.caption);
    this.button.addEventListener("click", (event) => this.onClick(event));
    this.button.addEventListener("pointermove", (event) => this.viewer.point(this, this.spotOf(event)));
    this.button.addEventListener("pointerleave", () => this.viewer.point(this, null));
    this.canvas.dataset.panel = given.id;
  }

  planes() {
    const stack = globalThis.equiscopeStacks?.get(this.given.stack);
    if (!stack) return null;
    const chosen = this.given.planes.map((index) => stack[index]);
    return this.zoom === null || this.zoom < 0 ? chosen : [chosen[this.zoom]];
  }

  draw(frame, tables, dark) {
    const planes = this.planes();
    this.element.setAttribute("aria-busy", String(!planes));
    if (!planes) return false;
    const { given, canvas } = this;
    const k = at(planes[0], frame);
    const [h, w] = planes[0].sizes[k];
    const columns = Math.min(given.columns, planes.length);
    const gap = planes.length > 1 ? 1 : 0;
    const rows = Math.ceil(planes.length / columns);
    this.grid = { h, w, columns, gap, count: planes.length };
    const width = columns * (w + gap) - gap;
    const height = rows * (h + gap) - gap;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.fit(width);
    }
    const table = tables[given.cmap === "diverging" && dark ? "diverging_dark" : given.cmap];
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    planes.forEach((plane, tile) => {
      const levels = plane.frames[at(plane, frame)];
      const top = Math.floor(tile / columns) * (h + gap);
      const left = (tile % columns) * (w + gap);
      for (let i = 0, source = 0; i < h; i++) {
        let target = (top + i) * width + left;
        for (let j = 0; j < w; j++) {
          const level = levels[source++];
          pixels[target++] = level === UNKNOWN ? UNKNOWN_COLOUR : table[level];
        }
      }
    });
    context.putImageData(image, 0, 0);
    this.describe(frame, planes);
    return true;
  }

  describe(frame, planes) {
    const told = perFrame(this.given.text, frame);
    const alone = this.zoom !== null && this.zoom >= 0 && this.given.planes.length > 1;
    const text = alone ? `channel ${this.zoom + 1} of ${this.given.planes.length}, ${told}` : told;
    if (this.text.textContent !== text) this.text.textContent = text;
    const [low, high] = planes[0].limits;
    const alike = planes.every((plane) => plane.limits[0] === low && plane.limits[1] === high);
    Object.assign(this.canvas.dataset, alike ? { vmin: low, vmax: high } : { vmin: "each", vmax: "each" });
    this.button.setAttribute("aria-label", `${this.given.title}: ${text}. ${this.zoom === null ? "Enlarge" : "Shrink"}`);
  }

  // A whole number of screen pixels for each map pixel, so that all of them are squares of one size.
  fit(width) {
    const wanted = this.zoom === null ? this.given.width : 480;
    const shown = width * Math.max(1, Math.floor(wanted / width));
    this.canvas.style.width = `${shown}px`;
    this.element.style.width = `${Math.max(shown + 2, 150)}px`;
  }

  onClick(event) {
    if (this.zoom !== null) this.zoom = null;
    else if (this.given.planes.length === 1 || event.detail === 0) this.zoom = -1;
    else this.zoom = this.spotOf(event)?.tile ?? -1;
    this.canvas.width = 0;  // another size
    this.element.classList.toggle("large", this.zoom !== null);
    this.viewer.point(this, null);
    this.viewer.draw();
  }

  shrink() {
    if (this.zoom === null) return false;
    this.onClick({ detail: 0 });
    return true;
  }

  spotOf(event) {
    if (!this.grid) return null;
    const { h, w, columns, gap, count } = this.grid;
    const box = this.canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * this.canvas.width;
    const down = ((event.clientY - box.top) / box.height) * this.canvas.height;
    const [row, column] = [Math.floor(down / (h + gap)), Math.floor(across / (w + gap))];
    const tile = row * columns + column;
    const [i, j] = [Math.floor(down - row * (h + gap)), Math.floor(across - column * (w + gap))];
    if (row < 0 || column < 0 || column >= columns || tile >= count || i >= h || j >= w || i < 0 || j < 0) return null;
    const plane = this.planes()[tile];
    const y = (i + 0.5 - h / 2 - plane.centre[0]) * plane.stride;
    const x = (j + 0.5 - w / 2 - plane.centre[1]) * plane.stride;
    return { y, x, space: this.given.space, tile };
  }

  showSpot(frame, { y, x }, tile, field) {
    const planes = this.planes();
    if (!planes || !this.grid) return;
    const { h, w, columns, gap } = this.grid;
    const zoom = this.canvas.clientWidth / this.canvas.width;
    const context = this.clearSpot();
    let shown = null;
    planes.forEach((plane, index) => {
      const i = Math.floor(y / plane.stride + plane.centre[0] + h / 2);
      const j = Math.floor(x / plane.stride + plane.centre[1] + w / 2);
      if (i < 0 || j < 0 || i >= h || j >= w) return;
      const top = Math.floor(index / columns) * (h + gap);
      const left = (index % columns) * (w + gap);
      const here = tile === null ? planes.length === 1 : index === tile;
      if (here) {
        context.fillRect(left * zoom, (top + i + 0.5) * zoom - 0.5, w * zoom, 1);
        context.fillRect((left + j + 0.5) * zoom - 0.5, top * zoom, 1, h * zoom);
      }
      frameOf(context, (left + j) * zoom, (top + i) * zoom, zoom, zoom);
      if (field) {
        const side = (field / plane.stride) * zoom;
        frameOf(context, (left + j + 0.5) * zoom - side / 2, (top + i + 0.5) * zoom - side / 2, side, side);
      }
      if (here) shown = valueAt(plane, plane.frames[at(plane, frame)][i * w + j]);
    });
    if (field === null) frameOf(context, 1, 1, this.overlay.clientWidth - 2, this.overlay.clientHeight - 2);
    this.value.textContent = shown === null ? "" : shown.text;
    this.element.dataset.value = shown?.value ?? "";
  }

  clearSpot() {
    const { overlay, canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    overlay.width = width * ratio;  // also wipes it
    overlay.height = height * ratio;
    this.value.textContent = "";
    delete this.element.dataset.value;
    const context = overlay.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = "rgba(255, 150, 0, 0.9)";
    return context;
  }
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

function tick(name, share, text = "") {
  const element = make("span", name, text);
  element.style.left = `${100 * share}%`;
  return element;
}

// A square in two colours, so that it is seen on any map.
function frameOf(context, left, top, width, height) {
  for (const [colour, inset] of [["#000", -0.5], ["#ffb000", 0.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.strokeRect(left + inset, top + inset, width - 2 * inset, height - 2 * inset);
  }
}

function place(factors, s) {
  return Math.log(s / factors[0]) / Math.log(factors.at(-1) / factors[0]);
}

function nearest(factors, s) {
  let best = 0;
  for (let i = 1; i < factors.length; i++)
    if (Math.abs(Math.log(factors[i] / s)) < Math.abs(Math.log(factors[best] / s))) best = i;
  return best;
}

function at(plane, frame) {
  return plane.sizes.length > 1 ? frame : 0;
}

function perFrame(given, frame) {
  return Array.isArray(given) ? given[frame] : given;
}

function valueAt(plane, level) {
  if (level === UNKNOWN) return { text: "not known here", value: "unknown" };
  const [low, high] = plane.limits;
  const value = low + (level / 254) * (high - low);
  return { text: `value ${value.toPrecision(3)}`, value };
}

// 255 colours, one for each level, as pixels of a canvas (little-endian RGBA).
function colours(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const last = bytes.length / 3 - 1;
  return Uint32Array.from({ length: 255 }, (_, level) => {
    const k = 3 * Math.round((level / 254) * last);
    return 0xff000000 | (bytes[k + 2] << 16) | (bytes[k + 1] << 8) | bytes[k];
  });
}

function isDark(host) {
  const colour = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour || "#fff";
  const hex = probe.fillStyle;
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}
