// @ts-check
// One map of a layer, large: beside it its kernel, and the same channel at the other places of the third axis.

import { make, makeButton } from "../shared/dom.js";
import { stacks } from "../shared/stacks.js";
import { Framed } from "./framed.js";
import { perFrame } from "./words.js";

/** @typedef {import("./framed.js").GivenMaps} GivenMaps */
/** @typedef {import("./framed.js").Spot} Spot */
/** @typedef {import("./tiles.js").Chosen} Chosen */

/** A map of one channel, of a panel that holds all of them. */
class OneMap extends Framed {
  /** @param {GivenMaps} given @param {number} channel */
  turnTo(given, channel) {
    this.given = this.picture.given = given;
    this.picture.alone = channel;
    this.title.textContent = given.title || `channel ${channel + 1}`;
  }

  /** @override @param {number} frame */
  describe(frame) {
    const channel = `channel ${(this.picture.alone ?? 0) + 1} of ${this.given.planes.length}`;
    const text = perFrame(this.given.text, frame);
    this.say(this.given.title ? `${channel}, ${text}` : text, "A click keeps the crosshair there; arrow keys lead to other maps, with Shift the crosshair, Escape closes");
  }
}

/** A kernel, which follows neither handle nor crosshair, as wide against the largest one as it is. */
class Kernel extends OneMap {
  /** @type {GivenMaps[]} */
  all = [];

  /** @override @param {number} frame @param {Record<string, Uint32Array>} tables @param {boolean} dark */
  draw(frame, tables, dark) {
    const here = super.draw(frame, tables, dark);
    const { canvas } = this.picture;
    canvas.style.width = `${(100 * canvas.width) / largestOf(this.all)}%`;
    return here;
  }

  /** @override @param {number} frame */
  describe(frame) {
    const range = Number(Number(this.picture.canvas.dataset.vmax).toPrecision(2));
    this.say(`${perFrame(this.given.text, frame)}; colours ±${range}`);
  }

  /** @override */
  showSpot() {}

  /** @override */
  clearSpot() {}
}

export class Opened {
  /**
   * @param {{ places: GivenMaps[], kernels: GivenMaps[] }} given
   * @param {import("../shared/dom.js").Scope} scope
   * @param {{ point: (panel: import("./framed.js").Shown, spot: Spot | null) => void, pin: (spot: Spot | null) => void,
   *   open: (chosen: Chosen | null) => void, lead: (right: number, down: number) => void }} act
   */
  constructor({ places, kernels }, scope, act) {
    this.places = places;
    this.kernels = kernels;
    /** @type {Chosen} */
    this.chosen = { channel: 0, place: 0 };
    this.map = new OneMap(places[0], scope, act.point);
    this.kernel = kernels.length ? new Kernel(kernels[0], scope, () => {}, undefined, true) : null;
    this.others = places.length > 1 ? places.map((place) => new OneMap(place, scope, act.point)) : [];
    this.channel = make("b", "which");
    this.element = make("div", "opened");
    this.map.element.classList.add("map");
    this.kernel?.element.classList.add("kernel");
    this.element.append(this.buildBar(scope, act), this.map.element);
    if (this.kernel) this.element.append(this.kernel.element);
    if (this.others.length) this.element.append(this.buildOthers());
    this.listen(scope, act);
  }

  /** @param {import("../shared/dom.js").Scope} scope @param {{ open: Function, lead: Function }} act */
  buildBar(scope, act) {
    const bar = make("div", "choose");
    const [close, back, on] = [makeButton("✕ All maps"), makeButton("‹"), makeButton("›")];
    back.setAttribute("aria-label", "Channel before");
    on.setAttribute("aria-label", "Next channel");
    scope.listen(close, "click", () => act.open(null));
    scope.listen(back, "click", () => act.lead(-1, 0));
    scope.listen(on, "click", () => act.lead(1, 0));
    bar.append(close, back, this.channel, on);
    return bar;
  }

  buildOthers() {
    const row = make("div", "others");
    row.append(...this.others.map((other) => other.element));
    return row;
  }

  /** @param {import("../shared/dom.js").Scope} scope @param {{ pin: Function, open: Function }} act */
  listen(scope, { pin, open }) {
    scope.listen(this.map.button, "click", (/** @type {MouseEvent} */ event) => event.detail && pin(this.map.spotOf(event)));
    this.others.forEach((other, place) =>
      scope.listen(other.button, "click", () => open({ channel: this.chosen.channel, place })),
    );
  }

  /** @returns {Framed[]} all that it draws */
  get panels() {
    return [this.map, ...(this.kernel ? [this.kernel] : []), ...this.others];
  }

  /** @param {Chosen} chosen */
  turnTo(chosen) {
    const { places, kernels, kernel } = this;
    this.chosen = chosen;
    this.map.turnTo(places[chosen.place], chosen.channel);
    this.channel.textContent = `channel ${chosen.channel + 1} of ${places[0].planes.length}`;
    this.others.forEach((other, place) => {
      other.turnTo(places[place], chosen.channel);
      other.element.classList.toggle("here", place === chosen.place);
    });
    if (!kernel) return;
    kernel.all = kernels;
    kernel.turnTo(kernels[chosen.place] ?? kernels[0], chosen.channel);
  }
}

/** @param {GivenMaps[]} kernels @returns {number} side in pixels, 1 until they have come */
function largestOf(kernels) {
  return Math.max(...kernels.map(({ stack, planes }) => stacks().get(stack)?.[planes[0]].sizes[0][1] ?? 1));
}
