// @ts-check
// Present mode: keys, the sign, the idle cursor, and the list of saved views.
//
// The browser turns the mode on and off at once, by a class of the root element (assets/style/app.css); the address
// follows at once too, and the server after it, as charts are drawn there. The list belongs to a link until it is
// edited here; from then on to this browser.

import { copyText } from "../shared/clipboard.js";
import { find, make, makeButton, Scope } from "../shared/dom.js";
import { component } from "../shared/mount.js";
import { Exchange } from "../shared/protocol.js";
import { described, meaning, ownerOf } from "./meaning.js";
import { kept, keep } from "./memory.js";
import { decode, encode, linkTo, stepTo, viewOf, withView } from "./views.js";

/**
 * @typedef {{ present: boolean, wide: boolean, views: string, pages: string[], answers: string }} Data
 * @typedef {import("../shared/mount.js").Given<Data>} Given
 * @typedef {import("./views.js").View} View
 */

const PRESENTING = "eq-presenting";
const IDLE = "eq-idle";
const IDLE_MS = 3000;
const WIDE = "(min-width: 700px)"; // below, type keeps its size: as in assets/style/app.css
const MOVED = "equiscope-address"; // the event that says that the address is another one
const SIGN_STYLE = `
  :host { position: fixed; right: 0.5rem; bottom: 0; z-index: 1000000; }
  .sign { display: flex; align-items: baseline; gap: 0.5rem; padding: 0.1rem 0.75rem; border-radius: 0.5rem 0.5rem 0 0; color: #e4e9ed; background: #14191e; border: 1px solid #6b7a86; border-bottom: 0; font: max(0.875rem, var(--eq-font, 0px)) "Source Sans", sans-serif; font-variant-numeric: tabular-nums; }
  .sign.off { visibility: hidden; }
  .sign.off span { visibility: visible; }
  button { padding: 0; color: inherit; font: inherit; background: none; border: 0; cursor: var(--eq-cursor, pointer); }
  button:focus-visible { outline: 3px solid #6cb4dd; outline-offset: 2px; }
`;

export default component((/** @type {Given} */ given) => new Presenting(given));

class Presenting {
  /** @param {Given} given */
  constructor({ parentElement: root }) {
    this.scope = new Scope();
    this.exchange = new Exchange();
    /** @type {(report: object) => void} */
    this.tell = () => {};
    /** @type {Data | null} what the server said last */
    this.data = null;
    this.present = false;
    /** @type {View[]} */
    this.views = [];
    this.at = -1; // place of the shown view in the list
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    /** @type {HTMLElement | null} what had the focus when the mode was turned on */
    this.before = null;
    this.said = find(root, "#said", HTMLElement);
    this.field = find(root, "#field", HTMLInputElement);
    this.turning = find(root, "#present", HTMLButtonElement);
    this.adding = find(root, "#add", HTMLButtonElement);
    this.copying = find(root, "#copy", HTMLButtonElement);
    this.wide = matchMedia(WIDE);
    this.host = make("div");
    this.sign = make("div", "sign");
    this.state = make("span");
    this.leaving = makeButton("Esc leaves");
    this.buildSign();
    this.listen();
  }

  buildSign() {
    const { host, sign, state, leaving } = this;
    host.dataset.testid = "sign";
    state.setAttribute("role", "status"); // always there, so that what it says is a change, and read out
    sign.append(state, leaving);
    sign.classList.add("off");
    host.attachShadow({ mode: "open" }).append(make("style", "", SIGN_STYLE), sign);
    document.body.append(host); // the sidebar, where the component stands, is not shown in this mode
  }

  listen() {
    const { scope } = this;
    scope.listen(this.wide, "change", () => this.tellWidth());
    scope.listen(window, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    scope.listen(window, ["pointermove", "pointerdown"], () => this.wake());
    scope.listen(window, [MOVED, "popstate"], () => this.onMove());
    scope.listen(this.turning, "click", () => this.turn(true));
    scope.listen(this.leaving, "click", () => this.turn(false));
    scope.listen(this.adding, "click", () => this.addOrRemove());
    scope.listen(this.copying, "click", () => this.copy());
  }

  release() {
    clearTimeout(this.resting);
    this.scope.release();
    this.host.remove();
    document.documentElement.classList.remove(PRESENTING, IDLE);
  }

  /** @param {Given} given */
  update({ data, setTriggerValue }) {
    this.tell = (report) => setTriggerValue("told", report);
    if (!data) return;
    this.data = data;
    if (this.exchange.accepts(data.answers)) {
      this.views = decode(data.views || kept());
      this.at = this.place() >= 0 ? this.place() : Math.min(this.at, this.views.length - 1);
      if (data.present !== this.present) this.set(data.present);
    }
    this.show();
    this.tellWidth();
  }

  /** @param {object} more than the state */
  send(more = {}) {
    this.tell({ id: this.exchange.report(), present: this.present, wide: this.wide.matches, open: "", edited: false, ...more });
  }

  // Charts are drawn by the server, which does not know how wide this window is.
  tellWidth() {
    if (this.present && this.data && this.data.wide !== this.wide.matches && this.exchange.open === null) this.send();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.defaultPrevented || event.repeat) return;
    const found = meaning(event, ownerOf(described(event.composedPath()[0])), this.present, this.views.length);
    if (found === null || (found === "leave" && isOpen(event.composedPath()[0]))) return;
    event.preventDefault();
    if (found === "turn") this.turn(!this.present);
    else if (found === "leave") this.turn(false);
    else this.step(found);
  }

  /** @param {boolean} present */
  turn(present) {
    this.set(present);
    const address = new URL(location.href);
    if (present) address.searchParams.set("present", "1");
    else address.searchParams.delete("present");
    history.replaceState(history.state, "", address);
    window.dispatchEvent(new Event(MOVED));
    this.send();
  }

  /** @param {boolean} present */
  set(present) {
    const focused = deepFocus();
    if (present) this.before = focused;
    this.present = present;
    document.documentElement.classList.toggle(PRESENTING, present);
    this.show();
    this.wake();
    if (present && focused && !focused.checkVisibility()) this.leaving.focus();
    if (!present && (focused === this.leaving || !focused)) (this.before?.isConnected ? this.before : this.turning).focus();
  }

  wake() {
    document.documentElement.classList.remove(IDLE);
    clearTimeout(this.resting);
    if (this.present) this.resting = setTimeout(() => document.documentElement.classList.add(IDLE), IDLE_MS);
  }

  /** @param {-1 | 1} step */
  step(step) {
    const next = stepTo(this.at, step, this.views.length);
    if (next === this.at) return;
    this.at = next;
    this.show();
    this.send({ open: encode([this.views[next]]) });
  }

  onMove() {
    if (this.exchange.open === null && this.place() >= 0) this.at = this.place();
    this.said.textContent = "";
    this.field.hidden = true;
    this.show();
  }

  /** @returns {View} */
  shown() {
    return viewOf(location, this.data?.pages ?? []);
  }

  place() {
    return this.views.indexOf(this.shown());
  }

  show() {
    const { views, at } = this;
    const where = views.length ? ` · ${at < 0 ? "–" : at + 1} / ${views.length}` : "";
    const state = this.present ? `Presenting${where} ·` : "";
    if (this.state.textContent !== state) this.state.textContent = state;
    this.sign.classList.toggle("off", !this.present);
    this.adding.textContent = this.place() >= 0 ? "Remove this view" : "Add this view";
    this.copying.hidden = !views.length;
    this.copying.textContent = `Copy link to ${views.length === 1 ? "the saved view" : `${views.length} saved views`}`;
  }

  addOrRemove() {
    const place = this.place();
    const wanted = place >= 0 ? this.views.filter((_, i) => i !== place) : withView(this.views, this.shown());
    if (!wanted) {
      this.said.textContent = "The list is full; remove a view first.";
      return;
    }
    this.views = wanted;
    this.at = place >= 0 ? Math.min(place, wanted.length) - 1 : wanted.length - 1;
    keep(encode(wanted));
    this.show();
    this.said.textContent = place >= 0 ? "Removed" : `Added as view ${wanted.length}`;
    if (this.data?.views) this.send({ edited: true });
  }

  async copy() {
    const link = linkTo(this.views, location, this.data?.pages ?? []);
    this.said.textContent = "";
    this.said.textContent = await copyText(link, this.field, "link");
  }
}

/** Whether Escape closes something else first. @param {EventTarget} target */
function isOpen(target) {
  return target instanceof Element && target.getAttribute("aria-expanded") === "true";
}

/** @returns {HTMLElement | null} what has the focus, through shadow roots */
function deepFocus() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && element !== document.body ? element : null;
}
