// @ts-check
// Many maps side by side: how they fill a box, which one is meant, and where a key leads from there.

/** @typedef {{ channel: number, place: number }} Chosen one map of a layer, both counted from 0 */

const ALIKE = 0.9; // of the largest side: the eye hardly tells such maps apart, but sees a width that is not filled

/**
 * The columns that make square maps about as large as a box allows, and as many of these as fill its width best.
 * @param {number} count of the maps
 * @param {number} width @param {number} height of the box, in one unit
 * @returns {number}
 */
export function columnsFor(count, width, height) {
  const sides = Array.from({ length: count }, (_, k) => Math.min(width / (k + 1), height / Math.ceil(count / (k + 1))));
  const least = ALIKE * Math.max(...sides);
  return Math.max(...sides.map((side, k) => (side >= least ? k + 1 : 0)));
}

/**
 * Where an arrow leads in rows of maps; it stays where there is none.
 * @param {number} at @param {[number, number]} way to the right and down
 * @param {number} columns @param {number} count
 */
export function tileAfter(at, [right, down], columns, count) {
  const column = (at % columns) + right;
  const next = at + right + down * columns;
  return column < 0 || column >= columns || next < 0 || next >= count ? at : next;
}

/**
 * Where an arrow leads from a map that is open: to the left and right among the channels, up to the next larger place.
 * @param {Chosen} chosen @param {[number, number]} way to the right and down
 * @param {number} channels @param {number} places
 * @returns {Chosen}
 */
export function mapAfter({ channel, place }, [right, down], channels, places) {
  return within({ channel: channel + right, place: place - down }, channels, places);
}

/** @param {Chosen} chosen @param {number} channels @param {number} places @returns {Chosen} the nearest that there is */
export function within({ channel, place }, channels, places) {
  return { channel: clip(channel, channels), place: clip(place, places) };
}

/** @param {number} at @param {number} count */
function clip(at, count) {
  return Math.max(0, Math.min(count - 1, at));
}

/** @param {Chosen | null} chosen @param {number} places @returns {string} as in a link: `3.2`, on a plane `3`, or empty */
export function spelled(chosen, places) {
  if (!chosen) return "";
  return places > 1 ? `${chosen.channel + 1}.${chosen.place + 1}` : String(chosen.channel + 1);
}

/** @param {string} text @returns {Chosen | null} null for an empty text */
export function meant(text) {
  const [channel, place = 1] = text.split(".").map(Number);
  return channel ? { channel: channel - 1, place: place - 1 } : null;
}
