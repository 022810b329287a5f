// @ts-check
// A script of Streamlit's that a figure will need soon, loaded while the visitor reads.

const AFTER_MS = 300; // the step itself comes first
/** @type {Set<string>} */
const begun = new Set();

/** @param {string} name in Streamlit's own folder @param {import("../shared/dom.js").Scope} scope */
export function loadInRest(name, scope) {
  const beside = document.querySelector('script[type=module][src*="/static/js/"]');
  if (begun.has(name) || !(beside instanceof HTMLScriptElement)) return;
  begun.add(name);
  const timer = setTimeout(() => import(new URL(name, beside.src).href).catch(() => {}), AFTER_MS); // else the chart loads it
  scope.onRelease(() => {
    clearTimeout(timer);
    begun.delete(name);
  });
}
