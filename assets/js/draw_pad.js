// The pad to draw a digit on. It keeps the strokes, in pixels of the 28×28 canvas from its centre, y downwards, and
// reports them whenever the pen goes up. Streamlit calls the default export again after every run, so what belongs to
// one pad lives in `pads`. The browser's strokes are the newest: those of the server are taken over when the pad
// appears (a link), and where they answer the very last report (Centre).

const HALF = 14;
const SPACING = 0.3; // pixels between two points of a stroke, at least: finer is only the hand's tremble
const KEY_STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FINE_STEP = 0.25; // with the Shift key
const HISTORY = 100;
const BACKGROUND = "#000"; // black and white as MNIST is, in a light and in a dark theme
const INK = "#fff";
const GUIDE = "#777";
const CURSOR = "#ffb000";

const pads = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let pad = pads.get(parentElement);
  if (!pad) {
    pad = makePad(parentElement, data);
    pads.set(parentElement, pad);
  }
  pad.update(data, (report) => setStateValue("drawing", report));
  return pad.release;
}

function makePad(root, data) {
  const canvas = root.querySelector("canvas");
  const context = canvas.getContext("2d");
  const [pen, status, seen] = ["#pen", "#status", "#seen"].map((id) => root.querySelector(id));
  const mark = Math.random().toString(36).slice(2, 10); // so that no report equals one of an earlier pad
  let reports = 0;
  let answered = 0;
  let send = () => {};
  let strokes = data.strokes;
  let history = [];
  let current = null; // the stroke under the pen, as it came in
  let pointer = null; // which finger, pen or mouse draws it
  const cursor = { x: 0, y: 0, shown: false };

  const toPixels = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = (at, start, length) => clamp(((at - start) / length) * 2 * HALF - HALF);
    return [place(event.clientX, box.left, box.width), place(event.clientY, box.top, box.height)];
  };

  function draw() {
    const side = Math.max(1, Math.round(canvas.clientWidth * (window.devicePixelRatio || 1)));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const unit = side / (2 * HALF);
    context.setTransform(unit, 0, 0, unit, side / 2, side / 2);
    context.fillStyle = BACKGROUND;
    context.fillRect(-HALF, -HALF, 2 * HALF, 2 * HALF);
    drawGuide(context);
    context.strokeStyle = context.fillStyle = INK;
    context.lineWidth = Number(pen.value);
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) drawStroke(context, stroke);
    if (current) drawStroke(context, smooth(current));
    if (cursor.shown) drawCursor(context, cursor, current !== null);
  }

  function say() {
    const count = strokes.length === 0 ? "Empty" : strokes.length === 1 ? "1 stroke" : `${strokes.length} strokes`;
    status.textContent = current && pointer === null ? "Pen down" : count;
    root.querySelector("#undo").disabled = history.length === 0 && strokes.length === 0;
    root.querySelector("#clear").disabled = root.querySelector("#centre").disabled = strokes.length === 0;
  }

  function report(centre = false) {
    reports += 1;
    send({ id: `${mark}-${reports}`, strokes, pen: Number(pen.value), centre });
  }

  function remember() {
    history = [...history, strokes].slice(-HISTORY);
  }

  function change(next) {
    remember();
    strokes = next;
    refresh();
    report();
  }

  function refresh() {
    draw();
    say();
  }

  function extend(point) {
    const [x, y] = current[current.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) >= SPACING) current.push(point);
  }

  function penUp() {
    if (!current) return;
    const stroke = smooth(current);
    current = pointer = null;
    change([...strokes, stroke]);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return; // a second finger draws nothing
    penUp(); // of the keyboard
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    current = [toPixels(event)];
    cursor.shown = false;
    refresh();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) extend(toPixels(each));
    draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (event.pointerId !== pointer) return;
    extend(toPixels(event));
    penUp();
  });
  for (const ending of ["pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(ending, (event) => event.pointerId === pointer && penUp());
  }

  function moveCursor([dx, dy], fine) {
    const step = fine ? FINE_STEP : 1;
    cursor.x = clamp(cursor.x + step * dx);
    cursor.y = clamp(cursor.y + step * dy);
    if (current) current.push([cursor.x, cursor.y]);
  }

  canvas.addEventListener("keydown", (event) => {
    if (pointer !== null || event.altKey) return;
    const undoing = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (undoing) undo();
    else if (event.ctrlKey || event.metaKey) return;
    else if (KEY_STEPS[event.key]) moveCursor(KEY_STEPS[event.key], event.shiftKey);
    else if (event.key === " " || event.key === "Enter") {
      if (current) penUp();
      else if (!event.repeat) current = [[cursor.x, cursor.y]];
    } else if (event.key === "Escape" && current) penUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
    cursor.shown = true;
    refresh();
  });
  canvas.addEventListener("focus", () => {
    cursor.shown = canvas.matches(":focus-visible");
    draw();
  });
  canvas.addEventListener("blur", () => {
    cursor.shown = false;
    if (pointer === null) penUp();
    draw();
  });

  function undo() {
    if (current) current = null;
    else if (history.length) strokes = history.pop();
    else strokes = strokes.slice(0, -1); // drawn before this pad appeared
    refresh();
    report();
  }

  root.querySelector("#undo").addEventListener("click", undo);
  root.querySelector("#clear").addEventListener("click", () => change([]));
  root.querySelector("#centre").addEventListener("click", () => report(true));
  pen.addEventListener("input", draw);
  pen.addEventListener("change", () => strokes.length && report());

  pen.value = data.pen;
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  refresh();

  return {
    update(data, sendReport) {
      send = sendReport;
      seen.hidden = !data.picture;
      if (data.picture) seen.querySelector("img").src = data.picture;
      if (data.answers && data.answers === `${mark}-${reports}` && answered !== reports) {
        answered = reports;
        remember();
        strokes = data.strokes;
        refresh();
      }
    },
    release: () => resized.disconnect(),
  };
}

// A curve along the points, as a chain of short lines: from the middle of one line to the middle of the next, with the
// point between them as control point. So the hand's tremble fades and a quick stroke has no corners.
function smooth(points) {
  if (points.length < 3) return points.map(rounded);
  const chain = [points[0]];
  for (let i = 1; i < points.length - 1; i++) {
    const [from, by] = [i === 1 ? points[0] : middle(points[i - 1], points[i]), points[i]];
    const to = i === points.length - 2 ? points[i + 1] : middle(points[i], points[i + 1]);
    const length = Math.hypot(by[0] - from[0], by[1] - from[1]) + Math.hypot(to[0] - by[0], to[1] - by[1]);
    const steps = Math.min(12, Math.max(1, Math.ceil(length / 0.5)));
    for (let k = 1; k <= steps; k++) chain.push(between(from, by, to, k / steps));
  }
  return chain.map(rounded);
}

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const between = (a, b, c, t) =>
  [0, 1].map((i) => (1 - t) * (1 - t) * a[i] + 2 * t * (1 - t) * b[i] + t * t * c[i]);
const rounded = (point) => point.map((value) => Math.round(value * 1000) / 1000);
const clamp = (value) => Math.min(HALF, Math.max(-HALF, value));

function drawStroke(context, stroke) {
  context.beginPath();
  if (stroke.length === 1) {
    context.arc(...stroke[0], context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(...stroke[0]);
  for (const point of stroke.slice(1)) context.lineTo(...point);
  context.stroke();
}

// The middle 20×20 pixels, which a digit of MNIST fills.
function drawGuide(context) {
  context.strokeStyle = GUIDE;
  context.lineWidth = 0.1;
  context.setLineDash([0.5, 0.5]);
  context.strokeRect(-10, -10, 20, 20);
  context.setLineDash([]);
}

function drawCursor(context, { x, y }, down) {
  context.strokeStyle = context.fillStyle = CURSOR;
  const width = context.lineWidth;
  context.beginPath();
  context.arc(x, y, width / 2, 0, 2 * Math.PI);
  context.lineWidth = 0.3;
  context.stroke();
  if (down) context.fill();
}
