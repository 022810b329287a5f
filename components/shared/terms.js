// @ts-check
// Terms in a component's own texts: each is underlined where it first stands, and components/glossary tells it.

import { make } from "./dom.js";

/** @typedef {{ forms: string[], definition: string }} Term as core.glossary.Term */

const IN_A_WORD = "\\p{L}\\p{N}_'’′⁻"; // as in core.glossary

export class Terms {
  /** @param {Term[]} terms that stand here first */
  constructor(terms) {
    /** @type {Map<string, Term>} */
    this.byForm = new Map(terms.flatMap((term) => term.forms.map((form) => [form, term])));
    const either = [...this.byForm.keys()].sort((a, b) => b.length - a.length).map(escape).join("|");
    this.pattern = either ? new RegExp(`(?<![${IN_A_WORD}])(?:${either})(?![${IN_A_WORD}])`, "gu") : null;
    /** @type {Map<Term, Element>} where each stands; that text may be written again */
    this.standing = new Map();
    /** @type {WeakMap<Element, string>} */
    this.written = new WeakMap();
  }

  /** @param {Element} element @param {string} text that it shows from now on */
  write(element, text) {
    if (this.written.get(element) === text) return;
    this.written.set(element, text);
    element.replaceChildren(...this.parts(element, text));
  }

  /** @param {Element} element @param {string} text @returns {(string | Element)[]} */
  parts(element, text) {
    /** @type {(string | Element)[]} */
    const parts = [];
    const done = new Set();
    let end = 0;
    for (const { 0: word, index } of this.pattern ? text.matchAll(this.pattern) : []) {
      const term = this.byForm.get(word);
      if (!term || done.has(term) || (this.standing.get(term) ?? element) !== element) continue;
      done.add(term);
      this.standing.set(term, element);
      parts.push(text.slice(end, index), marked(word, term));
      end = index + word.length;
    }
    return [...parts, text.slice(end)];
  }
}

/** @param {string} word @param {Term} term */
function marked(word, term) {
  const element = make("dfn", "eq-term", word);
  element.tabIndex = 0;
  element.setAttribute("aria-description", term.definition);
  return element;
}

/** @param {string} form */
function escape(form) {
  return form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
