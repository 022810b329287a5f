// @ts-check
// Saved views as text: the page and the parameters of each, compact enough for a link. components/presenting/views.py
// reads the same text; tests/components/views.json holds what both must agree on.

export const MOST_VIEWS = 20;
export const MOST_CHARACTERS = 8192;
const OWN = ["present", "views"]; // parameters of the presentation, no part of a view

/** What would be spelled with a percent sign inside a link → what stands for it. @type {Record<string, string>} */
const SPELLED = { "~": "~~", "?": "~q", "&": "~a", "=": "~e", "%": "~p", "+": "~s" };
const MEANT = Object.fromEntries(Object.entries(SPELLED).map(([character, pair]) => [pair, character]));
const BETWEEN = "~v";

/** @typedef {string} View page and query, e.g. `maps?digit=4&s=1.26`, `maps` alone or, for the first page, an empty text */

/** @param {View[]} views @returns {string} */
export function encode(views) {
  return views.map((view) => BETWEEN + view.replace(/[~?&=%+]/g, (character) => SPELLED[character])).join("");
}

/** @param {string} text @returns {View[]} none where the text is nonsense or too long */
export function decode(text) {
  if (text.length > MOST_CHARACTERS || !/^(~[~qaepsv]|[\w.\-!*'()])*$/.test(text)) return [];
  const pieces = text.match(/~.|[^~]+/g) ?? [];
  if (pieces[0] !== BETWEEN) return [];
  /** @type {View[]} */
  const views = [];
  for (const piece of pieces) {
    if (piece === BETWEEN) views.push("");
    else views[views.length - 1] += MEANT[piece] ?? piece;
  }
  return views.length > MOST_VIEWS ? [] : views;
}

/**
 * The view that an address shows; its parameters ascend, so that one view has one text.
 * @param {{ pathname: string, search: string }} address
 * @param {string[]} pages all pages, as in an address
 * @returns {View}
 */
export function viewOf(address, pages) {
  const parameters = new URLSearchParams(address.search);
  for (const name of OWN) parameters.delete(name);
  parameters.sort();
  const query = parameters.toString();
  return pageOf(address.pathname, pages) + (query && `?${query}`);
}

/** @param {string} pathname @param {string[]} pages @returns {string} empty for the first page */
function pageOf(pathname, pages) {
  const last = pathname.split("/").pop() ?? "";
  return pages.includes(last) ? last : "";
}

/**
 * The list with one view more.
 * @param {View[]} views @param {View} view
 * @returns {View[] | null} null where the limits leave no room
 */
export function withView(views, view) {
  const more = [...views, view];
  return more.length > MOST_VIEWS || encode(more).length > MOST_CHARACTERS ? null : more;
}

/**
 * The link that gives a list back: it opens the first view.
 * @param {View[]} views
 * @param {{ origin: string, pathname: string }} address of any page of the app
 * @param {string[]} pages
 */
export function linkTo(views, { origin, pathname }, pages) {
  const base = pathname.slice(0, pathname.length - pageOf(pathname, pages).length);
  const [first] = views;
  return `${origin}${base}${first}${first.includes("?") ? "&" : "?"}views=${encode(views)}`;
}

/** @param {number} at place of the present view, −1 for none @param {number} step @param {number} count */
export function stepTo(at, step, count) {
  return Math.min(Math.max(at + step, 0), count - 1);
}
