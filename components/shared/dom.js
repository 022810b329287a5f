// @ts-check
// Elements, and how long their listeners live.

/** Everything that a component must let go of when it is removed: listeners, observers, timers. */
export class Scope {
  constructor() {
    this.ending = new AbortController();
  }

  /** @returns {boolean} whether it was released */
  get ended() {
    return this.ending.signal.aborted;
  }

  /**
   * Listens until the scope is released.
   * @template {Event} [E=Event]
   * @param {EventTarget} target
   * @param {string | string[]} types of events
   * @param {(event: E) => unknown} handle
   */
  listen(target, types, handle) {
    for (const type of [types].flat())
      target.addEventListener(type, /** @type {EventListener} */ (/** @type {unknown} */ (handle)), {
        signal: this.ending.signal,
      });
  }

  /** @param {() => void} end to be called when the scope is released */
  onRelease(end) {
    this.ending.signal.addEventListener("abort", end, { once: true });
  }

  /**
   * @param {Element} element whose size is watched
   * @param {() => void} handle
   */
  onResize(element, handle) {
    const observer = new ResizeObserver(handle);
    observer.observe(element);
    this.onRelease(() => observer.disconnect());
  }

  release() {
    this.ending.abort();
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name] class
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElementTagNameMap[K]}
 */
export function draw(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  return element;
}

/**
 * @param {string} text
 * @param {string} [name] class
 */
export function makeButton(text, name = "") {
  const element = make("button", name, text);
  element.type = "button";
  return element;
}

/**
 * @param {Element} element
 * @param {Record<string, string | number>} attributes
 */
export function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * The one element of that kind, which the component's own HTML holds.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the component's HTML lacks ${selector}`);
  return found;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}
