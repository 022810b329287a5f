// @ts-check
// All maps of a layer in one row beside the image; a click opens one of them large.

import { make } from "../shared/dom.js";
import { arrow, isCommand } from "../shared/keys.js";
import { Framed } from "./framed.js";
import { Mosaic } from "./mosaic.js";
import { Opened } from "./opened.js";
import { mapAfter, spelled, within } from "./tiles.js";

/** @typedef {import("./framed.js").GivenMaps} GivenMaps */
/** @typedef {import("./framed.js").Spot} Spot */
/** @typedef {import("./framed.js").Shown} Shown */
/** @typedef {import("./tiles.js").Chosen} Chosen */

/**
 * @typedef {object} GivenLayer as components.stack_viewer.Layer
 * @property {"layer"} kind
 * @property {GivenMaps} image
 * @property {GivenMaps[]} places
 * @property {GivenMaps[]} kernels
 */

/**
 * @typedef {import("./framed.js").Surroundings & { open: (chosen: Chosen | null, byKey?: boolean) => void }} Opening
 */

const MIDDLE = { y: 0, x: 0 }; // of the canvas

export class LayerPart {
  /** @param {GivenLayer} given @param {Opening} viewer @param {import("../shared/dom.js").Scope} scope */
  constructor(given, viewer, scope) {
    this.given = given;
    this.viewer = viewer;
    /** @type {Chosen | null} the map that is open */
    this.chosen = null;
    /** @type {Spot} where the crosshair of an open map stays */
    this.pinned = { ...MIDDLE, space: given.image.space, tile: 0 };
    const point = (/** @type {Shown} */ panel, /** @type {Spot | null} */ spot) => this.point(panel, spot);
    const pin = (/** @type {Spot | null} */ spot) => this.pin(spot);
    this.image = new Framed(given.image, scope, point, viewer.terms);
    this.mosaics = given.places.map(
      (maps, place) =>
        new Mosaic(maps, scope, point, viewer.terms, (channel, spot) => this.open({ channel, place }, spot)),
    );
    const open = (/** @type {Chosen | null} */ chosen) => this.open(chosen);
    const lead = (/** @type {number} */ right, /** @type {number} */ down) => this.lead([right, down], false);
    this.opened = new Opened(given, scope, { point, pin, open, lead });
    this.room = make("span", "room"); // as high as the style sheet wants the maps at most
    this.all = make("div", "all");
    this.all.append(...this.mosaics.map((mosaic) => mosaic.element));
    this.element = make("div", "layer");
    this.element.style.setProperty("--places", String(given.places.length));
    this.element.dataset.places = String(given.places.length);
    this.image.element.classList.add("image");
    this.element.append(this.room, this.image.element, this.all, this.opened.element);
    scope.listen(this.image.button, "click", (/** @type {MouseEvent} */ event) => pin(this.image.spotOf(event)));
    scope.listen(this.element, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    scope.onResize(this.element, () => this.fit());
    this.show(null);
  }

  /** @returns {Shown[]} */
  get panels() {
    return [this.image, ...this.mosaics, ...this.opened.panels];
  }

  fit() {
    if (this.chosen || !this.element.clientWidth) return;
    for (const mosaic of this.mosaics) mosaic.fit(this.room.offsetHeight);
    this.viewer.draw();
  }

  /** @param {Chosen | null} chosen the nearest that there is @param {Spot | null} [spot] where its crosshair stands */
  open(chosen, spot = null) {
    if (chosen && this.given.places[chosen.place]?.covered) return;
    const before = this.chosen;
    if (spot) this.pinned = { ...spot, tile: 0 };
    this.viewer.open(chosen && within(chosen, this.given.places[0].planes.length, this.given.places.length));
    if (!before && chosen) this.opened.map.button.focus();
    if (before && !chosen) this.goBackTo(before);
  }

  /** @param {Chosen} before */
  goBackTo({ channel, place }) {
    const mosaic = this.mosaics[place];
    mosaic.markAt(channel);
    mosaic.button.focus();
  }

  /** @param {Chosen | null} chosen */
  show(chosen) {
    const { element, all, opened, given } = this;
    const nearest = chosen && within(chosen, given.places[0].planes.length, given.places.length);
    if (spelled(nearest, given.places.length) === element.dataset.open) return;
    this.chosen = nearest;
    for (const panel of this.panels) panel.clearSpot();
    all.hidden = this.chosen !== null;
    opened.element.hidden = this.chosen === null;
    element.dataset.open = spelled(this.chosen, given.places.length);
    if (this.chosen) opened.turnTo(this.chosen);
    else this.fit();
    this.point(this.image, null);
  }

  // An open map has a crosshair all the time, at the pointer or where it was left.
  /** @param {Shown} panel @param {Spot | null} spot */
  point(panel, spot) {
    if (!this.chosen) return this.viewer.point(panel, spot);
    const own = spot && panel !== this.image;
    this.viewer.point(own ? panel : this.opened.map, { ...(spot ?? this.pinned), tile: 0 });
  }

  /** @param {Spot | null} spot */
  pin(spot) {
    if (!spot || !this.chosen) return;
    this.pinned = { ...spot, tile: 0 };
    this.point(this.image, null);
  }

  /** @param {[number, number]} way to the right and down @param {boolean} byKey */
  lead(way, byKey) {
    const { places } = this.given;
    if (this.chosen) this.viewer.open(mapAfter(this.chosen, way, places[0].planes.length, places.length), byKey);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.chosen || isCommand(event)) return;
    const way = arrow(event);
    if (way && event.shiftKey) this.pin(this.opened.map.picture.spotBeside(this.pinned, way));
    else if (way) this.lead(way, true);
    else if (event.key === "Escape") this.open(null);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the handle has the same keys
  }

  /** @returns {boolean} whether a map was open */
  shrink() {
    if (!this.chosen) return false;
    this.open(null);
    return true;
  }
}
