// @ts-check
// Figures of this page that can draw themselves once more, elsewhere: for a picture that is taken away. The component
// that makes the picture is a bundle of its own, so they live on the page, as the stacks do.

/**
 * @typedef {object} Figure
 * @property {(parent: HTMLElement, recoloured: (json: string) => string) => () => void} copyInto draws the figure as it
 *   stands, with the colours of its data replaced; returns what lets go of the copy
 * @property {() => string} told where its handle stands; may be empty
 * @property {Element} element in the page, in whose shadow root its style sheets are
 * @property {string} tools selector of what is there for the hand, and is no part of a picture
 * @property {Record<string, Sign>} signs how elements are drawn that only a style sheet gives a shape, by selector
 *
 * @typedef {{ left: number, top: number, width: number, height: number }} Box
 * @typedef {(box: Box, style: CSSStyleDeclaration, element: Element) => SVGElement} Sign
 */

/** @returns {Map<string, Figure>} by name */
export function figures() {
  const page = /** @type {{ equiscopeFigures?: Map<string, Figure> }} */ (globalThis);
  return (page.equiscopeFigures ??= new Map());
}

/** @param {import("./dom.js").Scope} scope for as long as it lives @param {string} name @param {Figure} figure */
export function offerFigure(scope, name, figure) {
  figures().set(name, figure);
  scope.onRelease(() => figures().get(name) === figure && figures().delete(name));
}
