// @ts-check
// The axis of the handle: the amounts of a transform that it can take, one frame each.

const ALIKE = 1 / 30; // of the usual distance between two frames: closer than this, one amount stands for the other

export class Axis {
  /**
   * @param {number[]} amounts ascending
   * @param {boolean} log whether equal ratios are equal ways; then all amounts are positive
   */
  constructor(amounts, log) {
    this.amounts = amounts;
    this.log = log;
    this.last = amounts.length - 1;
    this.spacing = this.last ? (this.at(amounts[this.last]) - this.at(amounts[0])) / this.last : 1;
  }

  /** @param {number} amount @returns {number} where it lies, in octaves or in its own unit */
  at(amount) {
    return this.log ? Math.log2(amount) : amount;
  }

  /** @param {number} one @param {number} other */
  distance(one, other) {
    return Math.abs(this.at(one) - this.at(other));
  }

  /** @param {number} one @param {number} other @returns {boolean} whether nobody could tell them apart */
  alike(one, other) {
    return this.distance(one, other) < ALIKE * this.spacing;
  }

  /** @param {number} frame @returns {number} the frame itself, or the end that it lies beyond */
  clip(frame) {
    return Math.max(0, Math.min(this.last, frame));
  }

  /** @param {number} amount @param {number[]} [among] @returns {number} the index of the nearest one */
  nearest(amount, among = this.amounts) {
    let best = 0;
    for (let i = 1; i < among.length; i++)
      if (this.distance(among[i], amount) < this.distance(among[best], amount)) best = i;
    return best;
  }

  /**
   * The share of the way along the handle's range, which counts frames: between two frames in proportion.
   * @param {number} amount
   */
  share(amount) {
    if (!this.last) return 0;
    const above = this.clip(this.amounts.findIndex((each) => each >= amount));
    if (amount <= this.amounts[0] || !above) return amount > this.amounts[this.last] ? 1 : 0;
    const [from, to] = [this.at(this.amounts[above - 1]), this.at(this.amounts[above])];
    return (above - 1 + (this.at(amount) - from) / (to - from)) / this.last;
  }

  /** @param {number} amount @returns {number} the share of the way from the first amount to the last, by the scale alone */
  shareOfAmount(amount) {
    const [first, last] = [this.at(this.amounts[0]), this.at(this.amounts[this.last])];
    return this.last ? (this.at(amount) - first) / (last - first) : 0;
  }

  /** @param {number} amount @returns {boolean} whether it lies between the ends */
  holds(amount) {
    return amount >= this.amounts[0] && amount <= this.amounts[this.last];
  }

  /**
   * The frame of the next mark in a direction; the end where there is none.
   * @param {number} frame
   * @param {number} direction 1 or −1
   * @param {number[]} marks amounts
   */
  nextMark(frame, direction, marks) {
    const now = this.amounts[frame];
    const beyond = marks.filter((mark) => !this.alike(mark, now) && direction * (mark - now) > 0);
    if (!beyond.length) return direction > 0 ? this.last : 0;
    return this.nearest(direction > 0 ? Math.min(...beyond) : Math.max(...beyond));
  }
}
