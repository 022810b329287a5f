// @ts-check
// Whether the server hears this page: Streamlit notes at the root of the app whether it is connected, and
// copy_link/, which is on every page, whether a server that came back has shown the page again.

export const APP = "[data-testid=stApp]";
export const CONNECTION = "data-test-connection-state";
export const SCRIPT = "data-test-script-state";
export const RETURNED = "equiscope-returned"; // the event that says: the server was away, and has shown this page again
const AWAY = "eqAway";

/** @returns {boolean} */
export function isConnected() {
  return document.querySelector(APP)?.getAttribute(CONNECTION) === "CONNECTED";
}

/** @returns {boolean} whether a report arrives; also where there is no server around, as in a figure that stands alone */
export function hears() {
  return !(globalThis.document && AWAY in document.documentElement.dataset);
}

export function noteAway() {
  document.documentElement.dataset[AWAY] = "";
}

export function noteReturned() {
  delete document.documentElement.dataset[AWAY];
  window.dispatchEvent(new Event(RETURNED));
}
