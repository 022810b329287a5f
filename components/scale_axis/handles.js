// @ts-check
// The handles of a distribution: where each stands, and how it moves there. A new distribution needs its lines here, and
// its density in shared/tolerance.js.

/**
 * @typedef {import("../shared/tolerance.js").DataScales} DataScales
 * @typedef {object} End
 * @property {string} label
 * @property {number} at data scale
 * @property {string} [text] its value, if that is not where it stands
 * @property {(x: number, clip: (x: number) => number) => void} set moves the distribution; clip: within the axis
 */

const LEAST_STD = 0.05; // octaves, ×; the limits of the page
const MOST_STD = { "log-normal": 3, normal: 8 };
const LEAST_SHARE = 0.02; // of the mean, that the std of a normal distribution is at least
const LEAST_RATIO = 1.02; // of the ends of a range

/** @param {DataScales} data @returns {End[]} */
export function handlesOf(data) {
  switch (data.kind) {
    case "log-uniform":
      return [
        {
          label: "Smallest data scale",
          at: data.low,
          set: (x, clip) => (data.low = tidy(clip(Math.min(x, data.high / LEAST_RATIO)))),
        },
        {
          label: "Largest data scale",
          at: data.high,
          set: (x, clip) => (data.high = tidy(clip(Math.max(x, data.low * LEAST_RATIO)))),
        },
      ];
    case "log-normal":
      return [
        { label: "Median data scale", at: data.median, set: (x, clip) => (data.median = tidy(clip(x))) },
        {
          label: "One standard deviation above the median",
          at: data.median * 2 ** data.std,
          text: `${data.std.toFixed(2)} octaves`,
          set: (x) => (data.std = tidy(within(LEAST_STD, MOST_STD["log-normal"], Math.log2(x / data.median)))),
        },
      ];
    case "normal": {
      const spread = (/** @type {number} */ mean, /** @type {number} */ std) => {
        data.mean = mean;
        data.std = tidy(Math.max(LEAST_SHARE * mean, within(LEAST_STD, MOST_STD.normal, std)));
      };
      return [
        { label: "Mean data scale", at: data.mean, set: (x, clip) => spread(tidy(clip(x)), data.std) },
        {
          label: "One standard deviation above the mean",
          at: data.mean + data.std,
          text: `${data.std.toFixed(2)}× above the mean`,
          set: (x) => spread(data.mean, x - data.mean),
        },
      ];
    }
    default:
      return [];
  }
}

/** @param {DataScales} data @returns {object} without the density of measured data, which the server has */
export function handlesOnly(data) {
  if (data.kind !== "measured") return data;
  return { kind: data.kind };
}

/** @param {number} low @param {number} high @param {number} value */
export function within(low, high, value) {
  return Math.max(low, Math.min(high, value));
}

/** The places that a link keeps. @param {number} value */
export function tidy(value) {
  return Number(value.toFixed(4));
}
