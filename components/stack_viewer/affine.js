// @ts-check
// Where a transform takes a place of the image: y′ = a y + b x + c, x′ = d y + e x + f, from the canvas centre, y down.

/** @typedef {[number, number, number, number, number, number]} Affine a, b, c, d, e, f */
/** @typedef {{ y: number, x: number }} Place in image pixels from the canvas centre */

/** @param {Affine} map @param {Place} place @returns {Place} */
export function forward([a, b, c, d, e, f], { y, x }) {
  return { y: a * y + b * x + c, x: d * y + e * x + f };
}

/** @param {Affine} map @param {Place} place @returns {Place | null} null where the map takes a plane to a line */
export function back([a, b, c, d, e, f], { y, x }) {
  const determinant = a * e - b * d;
  if (!determinant) return null;
  return { y: (e * (y - c) - b * (x - f)) / determinant, x: (a * (x - f) - d * (y - c)) / determinant };
}
