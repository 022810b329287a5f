// @ts-check
// The tolerance model as core.tolerance has it: densities per octave on the log2 axis of data scale, KL and dips.
// tests/components compares every formula here with core's values.

export const POINTS = 1001; // as in core.tolerance: the trapezium rule on these gives the divergence
const SERVED = 0.5; // of the data's density; below it the mixture has a dip
const NEGLIGIBLE = 0.05; // of the data's highest density; where it is lower, there is no dip to speak of
const TAIL = 0.4; // octaves, std of the tails of log-uniform data
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * How often each data scale occurs; data scales are factors without unit.
 * @typedef {{ kind: "log-uniform", low: number, high: number }} LogUniform
 * @typedef {{ kind: "log-normal", median: number, std: number }} LogNormal std in octaves
 * @typedef {{ kind: "normal", mean: number, std: number }} TruncatedNormal cut to positive data scales
 * @typedef {{ kind: "measured", density: number[] }} Measured density per octave on the grid of the axis
 * @typedef {LogUniform | LogNormal | TruncatedNormal | Measured} DataScales
 */

/** @typedef {{ low: number, high: number, share: number }} Dip from and to in octaves; smallest ratio mixture / data */

/**
 * @param {[number, number]} axis data scales at its ends
 * @returns {number[]} the common grid in octaves
 */
export function gridOf([low, high]) {
  const [first, last] = [Math.log2(low), Math.log2(high)];
  return Array.from({ length: POINTS }, (_, i) => first + ((last - first) * i) / (POINTS - 1));
}

/**
 * Log density per octave of the data. Measured data are known on their grid only; elsewhere they have none.
 * @param {DataScales} data
 * @param {number[]} octaves
 */
export function logDensity(data, octaves) {
  switch (data.kind) {
    case "log-normal":
      return octaves.map((u) => logGaussian(u, Math.log2(data.median), data.std));
    case "normal": {
      const above = Math.log(normalAbove(-data.mean / data.std)); // sizes are positive
      return octaves.map((u) => logGaussian(2 ** u, data.mean, data.std) + u * Math.LN2 + Math.log(Math.LN2) - above);
    }
    case "log-uniform": {
      const [low, high] = [Math.log2(data.low), Math.log2(data.high)];
      const logMass = Math.log(high - low + Math.sqrt(2 * Math.PI) * TAIL);
      return octaves.map((u) => -0.5 * (Math.max(0, low - u, u - high) / TAIL) ** 2 - logMass);
    }
    default:
      return octaves.map((_, i) => (octaves.length === data.density.length ? Math.log(data.density[i]) : -Infinity));
  }
}

/**
 * Log density per octave of each internal scale's share of the mixture.
 * @param {number[]} centres data scales that the internal scales serve best
 * @param {number} tauTol octaves
 * @param {number[]} octaves
 */
export function logComponents(centres, tauTol, octaves) {
  const share = Math.log(centres.length);
  return centres.map((centre) => octaves.map((u) => logGaussian(u, Math.log2(centre), tauTol) - share));
}

/**
 * Log of a sum of densities, point by point.
 * @param {number[][]} parts
 */
export function logSum(parts) {
  return parts[0].map((_, i) => {
    const highest = Math.max(...parts.map((part) => part[i]));
    if (highest === -Infinity) return highest;
    return highest + Math.log(parts.reduce((sum, part) => sum + Math.exp(part[i] - highest), 0));
  });
}

/**
 * KL(p ‖ q) in nats on the grid, both normalised there.
 * @param {number[]} octaves the grid
 * @param {number[]} logP of the mixture
 * @param {number[]} logQ of the data
 * @returns {number | null} null if more than half of the data lie beyond the axis
 */
export function divergence(octaves, logP, logQ) {
  if (Math.exp(logIntegral(octaves, logQ)) < 0.5) return null;
  const [massP, massQ] = [logIntegral(octaves, logP), logIntegral(octaves, logQ)];
  const terms = logP.map((p, i) => (p === -Infinity ? 0 : Math.exp(p - massP) * (p - massP - logQ[i] + massQ)));
  return Math.max(0, integral(octaves, terms));
}

/**
 * Where the mixture falls below half of the data.
 * @param {number[]} octaves
 * @param {number[]} logP of the mixture
 * @param {number[]} logQ of the data
 * @returns {Dip[]}
 */
export function dips(octaves, logP, logQ) {
  const least = Math.max(...logQ) + Math.log(NEGLIGIBLE);
  /** @type {Dip[]} */
  const found = [];
  let inside = false;
  octaves.forEach((u, i) => {
    const share = Math.exp(logP[i] - logQ[i]);
    const low = logQ[i] > least && share < SERVED;
    if (low && !inside) found.push({ low: u, high: u, share });
    else if (low) Object.assign(found[found.length - 1], { high: u, share: Math.min(found[found.length - 1].share, share) });
    inside = low;
  });
  return found;
}

/** @param {number} x @param {number} mean @param {number} std */
function logGaussian(x, mean, std) {
  return -0.5 * ((x - mean) / std) ** 2 - HALF_LOG_TWO_PI - Math.log(std);
}

/** P(Z > z) of the standard normal distribution, by Simpson's rule. @param {number} z at most 0 */
function normalAbove(z) {
  const [n, last] = [200, Math.min(8, -z)];
  const density = (/** @type {number} */ t) => Math.exp(-0.5 * t * t - HALF_LOG_TWO_PI);
  let sum = density(0) + density(last);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * density((last * i) / n);
  return 0.5 + (sum * last) / (3 * n);
}

/** The trapezium rule. @param {number[]} octaves @param {number[]} values */
function integral(octaves, values) {
  const step = octaves[1] - octaves[0];
  const last = octaves.length - 1;
  return values.reduce((sum, value, i) => sum + (i % last ? 1 : 0.5) * step * value, 0);
}

/** @param {number[]} octaves @param {number[]} logValues */
function logIntegral(octaves, logValues) {
  const highest = Math.max(...logValues);
  return highest + Math.log(integral(octaves, logValues.map((value) => Math.exp(value - highest))));
}
