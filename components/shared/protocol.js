// @ts-check
// Who is newer, browser or server: the one protocol of all components.
//
// While a visitor moves something, the browser draws by itself. On release it reports, and every report has an id of its
// own. The server sends its state after every run, with the id of the report that it took over last, as `answers`. Runs
// that began before the report bring an older state; they are known by another id.
//
//   - While the visitor holds something, or rests between two key presses, the browser's state counts.
//   - After a report, the server's state counts as soon as it answers that very report;
//   - or once the time limit has passed: then the report was refused or got lost.
//   - Otherwise, with no report on its way, the server's state counts: it is a link, a button, another control.
//   - A report that was made while the server was away is made again once it is back: its run begins with the address.

import { hears, RETURNED } from "./connection.js";

const LIMIT_MS = 4000;

/** One component's part of the conversation. */
export class Exchange {
  /**
   * @param {object} [options]
   * @param {number} [options.limitMs] after which the server's state counts again, whatever was reported
   * @param {() => number} [options.now] a clock in milliseconds
   * @param {string} [options.mark] so that no id equals one of an earlier component
   * @param {() => boolean} [options.heard] whether the server hears what is reported
   */
  constructor({ limitMs = LIMIT_MS, now = () => performance.now(), mark = randomMark(), heard = hears } = {}) {
    this.heard = heard;
    this.repeating = false;
    this.limitMs = limitMs;
    this.now = now;
    this.mark = mark;
    this.reports = 0;
    /** @type {string | null} the report that waits for its answer */
    this.open = null;
    this.reportedAt = 0;
    this.unheard = false; // whether the open report was made while the server was away
  }

  /** @returns {string} the id of a new report; older ones no longer count */
  report() {
    this.reports += 1;
    this.open = `${this.mark}-${this.reports}`;
    this.reportedAt = this.now();
    this.unheard = this.repeating && !this.heard();
    return this.open;
  }

  /**
   * Reports again what was reported while the server was away, once it is back; until then no other state counts.
   * @param {import("./dom.js").Scope} scope
   * @param {() => void} send makes the report of what stands there then
   */
  repeats(scope, send) {
    this.repeating = true;
    scope.listen(globalThis, RETURNED, () => this.unheard && send());
  }

  /**
   * Whether the state of a run counts.
   * @param {string} answers id of the report that the server took over last, or an empty text
   * @param {boolean} [busy] whether the visitor moves something at this moment
   */
  accepts(answers, busy = false) {
    if (busy) return false;
    if (this.unheard && answers !== this.open) return false;
    if (this.open !== null && answers !== this.open && this.now() - this.reportedAt < this.limitMs) return false;
    this.open = null;
    this.unheard = false;
    return true;
  }
}

/** Reports at once, or once a key held down rests. */
export class Resting {
  /** @param {() => void} report */
  constructor(report) {
    this.report = report;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
  }

  /** Whether a report is still to come. */
  get pending() {
    return this.timer !== null;
  }

  /** @param {number} [waitMs] */
  start(waitMs = 0) {
    this.stop();
    if (!waitMs) return this.report();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.report();
    }, waitMs);
  }

  stop() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

function randomMark() {
  return Math.random().toString(36).slice(2, 10);
}
