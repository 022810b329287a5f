// @ts-check
// The few marks that a text of a lesson has: *emphasis*, **strong** and `code`.

import { make } from "../shared/dom.js";

const MARKS = /\*\*([^*]+)\*\*|\*([^*]+)\*|`([^`]+)`/g;

/** @param {string} text @returns {{ kind: "text" | "strong" | "em" | "code", text: string }[]} */
export function pieces(text) {
  /** @type {ReturnType<typeof pieces>} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > end) found.push({ kind: "text", text: text.slice(end, match.index) });
    const [whole, strong, em, code] = match;
    found.push(strong ? { kind: "strong", text: strong } : em ? { kind: "em", text: em } : { kind: "code", text: code });
    end = match.index + whole.length;
  }
  if (end < text.length) found.push({ kind: "text", text: text.slice(end) });
  return found;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 * @param {import("../shared/terms.js").Terms} terms that stand in it first
 */
export function writeMarked(element, text, terms) {
  const parts = pieces(text).flatMap((piece) => {
    if (piece.kind === "code") return [make("code", "", piece.text)];
    const words = terms.parts(element, piece.text);
    if (piece.kind === "text") return words;
    const marked = make(piece.kind);
    marked.append(...words);
    return [marked];
  });
  element.replaceChildren(...parts);
}
