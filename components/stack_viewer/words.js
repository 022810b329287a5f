// @ts-check
// A number, or a sentence, that follows the handle.

import { make } from "../shared/dom.js";

/**
 * @typedef {{ kind: "number", values: string[], text: string | string[] }} GivenNumber
 * @typedef {{ kind: "note", text: string[], live: boolean, lead: string, brief: boolean,
 *   data: Record<string, string>[] }} GivenNote
 */

/**
 * @template T
 * @param {T | T[]} given one for all frames, or one for each
 * @param {number} frame
 * @returns {T}
 */
export function perFrame(given, frame) {
  return Array.isArray(given) ? given[frame] : given;
}

export class NumberPart {
  /** @param {GivenNumber} given */
  constructor(given) {
    this.given = given;
    this.element = make("div", given.kind);
    this.figure = make("div", "figure");
    this.text = make("div", "what");
    this.element.append(this.figure, this.text);
  }

  /** @param {number} frame */
  draw(frame) {
    this.figure.textContent = perFrame(this.given.values, frame);
    this.text.textContent = perFrame(this.given.text, frame);
  }
}

/** A live sentence is read out by screen readers, so it changes only once the handle rests. */
export class NotePart {
  /** @param {GivenNote} given @param {import("../shared/terms.js").Terms} terms that stand in it first */
  constructor(given, terms) {
    this.given = given;
    this.terms = terms;
    this.element = make("div", given.brief ? "note brief" : "note");
    this.text = make("span");
    if (given.lead) this.element.append(make("b", "", given.lead), " ");
    this.element.append(this.text);
    if (given.live) this.element.setAttribute("aria-live", "polite");
    this.drawn = false;
  }

  /** @param {number} frame @param {boolean} settled */
  draw(frame, settled) {
    if (this.given.live && this.drawn && !settled) return;
    this.drawn = true;
    const { text, data } = this.given;
    this.terms.write(this.text, text[frame]); // only if it is another, else it is read out again
    for (const { name } of [...this.element.attributes])
      if (name.startsWith("data-")) this.element.removeAttribute(name);
    for (const [name, value] of Object.entries(data[frame] ?? {})) this.element.setAttribute(`data-${name}`, value);
  }
}
