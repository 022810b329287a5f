// @ts-check
// The answers of this browser. Where it may store nothing they live for the visit only, which the server keeps.

/** @typedef {{ chosen: number[], number: number | null, shown: boolean, done: boolean, drawn: number[] }} Answer */

const NAME = "equiscope.answers";

/** @returns {Record<string, Answer>} by `lesson/step` */
export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {}; // forbidden, or not ours
  }
}

/** @param {Record<string, Answer>} answers */
export function keep(answers) {
  try {
    localStorage.setItem(NAME, JSON.stringify(answers));
  } catch {
    // forbidden, or full: the server has them for this visit
  }
}
