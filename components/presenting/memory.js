// @ts-check
// The list of this browser. Where it may store nothing, as in some private windows, the list lives for the visit only.

const NAME = "equiscope.views";
let ofVisit = "";
let allowed = true;

/** @returns {string} */
export function kept() {
  if (!allowed) return ofVisit;
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ofVisit;
  }
}

/** @param {string} views */
export function keep(views) {
  ofVisit = views;
  try {
    localStorage.setItem(NAME, views);
  } catch {
    allowed = false; // forbidden, or full
  }
}
