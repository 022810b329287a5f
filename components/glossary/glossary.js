// @ts-check
// The definition of a term beside it: under the mouse, with the focus, or after a tap, until Escape or something else.
//
// One for the whole page: events of components come out of their shadow roots too. What is to be told is the term's own
// `aria-description`.

import { make, Scope } from "../shared/dom.js";
import { component } from "../shared/mount.js";
import { placeBeside } from "./place.js";

/** @typedef {import("../shared/mount.js").Given<never>} Given */

const LEAVE_MS = 250; // for the way from the term into its definition
const STYLE = `
  :host { position: fixed; inset: 0 auto auto 0; z-index: 1000050; pointer-events: none; }
  .tip { position: absolute; box-sizing: border-box; width: max-content; max-width: min(22rem, calc(100vw - 1rem)); padding: 0.4rem 0.65rem; color: #e4e9ed; background: #14191e; border: 1px solid #6b7a86; border-radius: 0.4rem; font: max(0.9rem, var(--eq-font, 0px))/1.4 "Source Sans", sans-serif; pointer-events: auto; }
  .tip[hidden] { display: none; }
`;

export default component((/** @type {Given} */ given) => new Glossary(given));

class Glossary {
  /** @param {Given} _given */
  constructor(_given) {
    this.scope = new Scope();
    /** @type {HTMLElement | null} */
    this.term = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.leaving = undefined;
    this.host = make("div");
    this.host.dataset.testid = "definition";
    this.tip = make("div", "tip");
    this.tip.setAttribute("role", "tooltip");
    this.tip.hidden = true;
    this.host.attachShadow({ mode: "open" }).append(make("style", "", STYLE), this.tip);
    document.body.append(this.host);
    this.listen();
  }

  listen() {
    const { scope } = this;
    scope.listen(window, "pointerover", (/** @type {PointerEvent} */ event) => this.onPointer(event));
    scope.listen(window, ["pointerdown", "pointerup"], (/** @type {PointerEvent} */ event) => this.onTap(event));
    // A term in a label would hand its click on to the control.
    scope.listen(window, "click", (/** @type {MouseEvent} */ event) => termOf(event) && event.preventDefault());
    // The focus that moves inside one component is not seen from outside; the key that moved it is.
    scope.listen(window, "keyup", (/** @type {KeyboardEvent} */ event) => event.key === "Tab" && this.onFocus(event));
    scope.listen(window, "focusin", (/** @type {FocusEvent} */ event) => this.onFocus(event));
    // At the document, so before those who listen at the window: Escape means more than one thing.
    scope.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
  }

  update() {}

  release() {
    this.hide();
    this.scope.release();
    this.host.remove();
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    if (event.pointerType !== "mouse") return;
    const term = termOf(event);
    clearTimeout(this.leaving);
    if (term) this.show(term);
    else if (this.term && !this.isTip(event) && !hasFocus(this.term)) this.leaving = setTimeout(() => this.hide(), LEAVE_MS);
  }

  /** @param {PointerEvent} event */
  onTap(event) {
    const term = termOf(event);
    if (event.type === "pointerdown") {
      if (!term && !this.isTip(event)) this.hide();
    } else if (term && event.pointerType !== "mouse") this.turn(term);
  }

  /** @param {FocusEvent | KeyboardEvent} event */
  onFocus(event) {
    const term = termOf(event);
    if (term) this.show(term);
    else this.hide();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const term = termOf(event);
    if (event.key === "Escape" && this.term) this.hide();
    else if (term && /^(Enter| )$/.test(event.key)) this.turn(term);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {HTMLElement} term */
  turn(term) {
    if (this.term === term) this.hide();
    else this.show(term);
  }

  /** @param {HTMLElement} term */
  show(term) {
    if (this.term === term) return;
    const follows = this.term !== null;
    this.term = term;
    this.tip.textContent = term.getAttribute("aria-description");
    this.tip.hidden = false;
    if (!follows) this.follow();
  }

  hide() {
    clearTimeout(this.leaving);
    this.term = null;
    this.tip.hidden = true;
  }

  // As long as it is shown: the page may scroll, or be drawn anew without the term.
  follow() {
    if (!this.term) return;
    if (!this.term.checkVisibility()) return this.hide();
    const [line] = this.term.getClientRects();
    const { left, top } = placeBeside(line, this.tip.getBoundingClientRect(), document.documentElement);
    Object.assign(this.tip.style, { left: `${left}px`, top: `${top}px` });
    requestAnimationFrame(() => this.follow());
  }

  /** @param {Event} event */
  isTip(event) {
    return event.composedPath().includes(this.tip);
  }
}

/** @param {Event} event @returns {HTMLElement | null} the term that it happened on */
function termOf(event) {
  const [target] = event.composedPath();
  const term = target instanceof Element ? target.closest("dfn[aria-description]") : null;
  return term instanceof HTMLElement ? term : null;
}

/** @param {HTMLElement} term */
function hasFocus(term) {
  return term.matches(":focus");
}
