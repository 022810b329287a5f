// @ts-check
// What this browser keeps of a visitor's answers. Where it may store nothing they live as long as the tab.

/** @type {Map<string, string>} */
const ofTab = new Map();

/**
 * @template {object} T
 * @param {string} name
 * @returns {Partial<T>} empty if nothing is kept, or what is kept is not ours
 */
export function kept(name) {
  try {
    const found = JSON.parse(read(name) ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

/** @param {string} name @param {object} what */
export function keep(name, what) {
  const text = JSON.stringify(what);
  ofTab.set(name, text);
  try {
    localStorage.setItem(name, text);
  } catch {
    // forbidden, or full
  }
}

/** @param {string} name */
function read(name) {
  try {
    return localStorage.getItem(name) ?? ofTab.get(name) ?? null;
  } catch {
    return ofTab.get(name) ?? null;
  }
}
