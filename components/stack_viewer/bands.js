// @ts-check
// The shape of stacked shares over an axis: where each one lies, and where there is room for its name.

/** @typedef {{ lower: number[], upper: number[] }} Band edges of one class at every amount, from 0 to 1 */

/** @param {number[][]} rows for every amount the shares of all classes, which sum to 1 @returns {Band[]} by class */
export function stacked(rows) {
  const sums = rows.map((shares) => shares.reduce((known, share) => [...known, known[known.length - 1] + share], [0]));
  return rows[0].map((_, k) => ({ lower: sums.map((sum) => sum[k]), upper: sums.map((sum) => sum[k + 1]) }));
}

/**
 * The outline of a band, forth along its upper edge and back along the lower one.
 * @param {number[]} xs of the amounts
 * @param {Band} band
 * @param {(share: number) => number} y
 * @returns {string} of a path in SVG
 */
export function outline(xs, { lower, upper }, y) {
  const forth = xs.map((x, i) => `${round(x)},${round(y(upper[i]))}`);
  const back = xs.map((x, i) => `${round(x)},${round(y(lower[i]))}`).reverse();
  return `M${[...forth, ...back].join("L")}Z`;
}

/**
 * The middle of every stretch in which a band is thick, and which is wide enough for a name.
 * @param {number[]} xs of the amounts
 * @param {Band} band
 * @param {number} thick least share
 * @param {number} wide least width, in the unit of `xs`
 * @returns {{ x: number, share: number }[]} the share is that half way up
 */
export function roomyPlaces(xs, { lower, upper }, thick, wide) {
  const places = [];
  for (let i = 0; i < xs.length; i++) {
    if (upper[i] - lower[i] < thick) continue;
    const start = i;
    while (i + 1 < xs.length && upper[i + 1] - lower[i + 1] >= thick) i++;
    if (xs[i] - xs[start] < wide) continue;
    const middle = (start + i) >> 1;
    places.push({ x: xs[middle], share: (lower[middle] + upper[middle]) / 2 });
  }
  return places;
}

/** @param {string} colour #rrggbb @returns {string} black or white, whichever stands out more from it */
export function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((k) => {
    const c = parseInt(colour.slice(k, k + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff"; // where both have the same contrast
}

/** @param {number} value */
function round(value) {
  return Math.round(100 * value) / 100;
}
