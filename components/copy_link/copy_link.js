// @ts-check
// The button that copies the address of the view. Being on every page, it also does what Streamlit leaves out so that
// the address stays true: a move of a control is no step of the browser's history, and a tab whose server was gone
// says so, and asks for a run as soon as it is back.

import { copyText } from "../shared/clipboard.js";
import { APP, CONNECTION, hears, isConnected, noteAway, noteReturned, SCRIPT } from "../shared/connection.js";
import { find, Scope } from "../shared/dom.js";
import { component } from "../shared/mount.js";
import { Away } from "./away.js";

/** @typedef {import("../shared/mount.js").Given<never>} Given */

const RESTS_MS = 500; // the first run of a new server ends early, for another
const MOVED = "equiscope-address"; // the event that says that the address is another one

export default component((/** @type {Given} */ given) => new Link(given));

class Link {
  /** @param {Given} given */
  constructor({ parentElement: root }) {
    keepMovesOutOfHistory();
    this.scope = new Scope();
    this.copy = find(root, "#copy", HTMLButtonElement);
    this.said = find(root, "#said", HTMLElement);
    this.field = find(root, "#field", HTMLInputElement);
    /** @type {string | null} the address that was copied */
    this.copied = null;
    this.askForRun = () => {};
    this.scope.listen(this.copy, "click", () => this.onCopy());
    this.scope.listen(window, MOVED, () => location.href !== this.copied && this.forget());
    watchConnection(this.scope, () => this.askForRun());
  }

  release() {
    this.scope.release(); // the HTML is Streamlit's
  }

  /** @param {Given} given */
  update({ setTriggerValue }) {
    this.askForRun = () => setTriggerValue("returned", true);
  }

  async onCopy() {
    this.forget(); // so that a second "Copied" is a change, and read out again
    this.report(await copyText(location.href, this.field, "link"));
  }

  /** @param {string} sentence */
  report(sentence) {
    this.said.textContent = sentence;
    this.copied = location.href;
  }

  forget() {
    this.said.textContent = "";
    this.field.hidden = true;
  }
}

// Streamlit adds an entry to the history whenever the parameters of the URL change. Only another page deserves one.
function keepMovesOutOfHistory() {
  if (Object.hasOwn(history, "pushState")) return;
  history.pushState = (state, unused, url) => {
    const samePage = new URL(url ?? "", location.href).pathname === location.pathname;
    const method = samePage ? "replaceState" : "pushState";
    History.prototype[method].call(history, state, unused, url);
    window.dispatchEvent(new Event(MOVED));
  };
}

/**
 * A server that was started again knows nothing of this tab, and Streamlit waits for the visitor's next move, which
 * would then be lost: the new session begins with what the address says.
 * @param {Scope} scope
 * @param {() => void} onReturn
 */
function watchConnection(scope, onReturn) {
  const app = document.querySelector(APP);
  if (!app) return;
  let connected = isConnected();
  const away = new Away();
  if (!connected) away.begin();
  /** @type {ReturnType<typeof setTimeout> | undefined} until the run that was asked for has ended */
  let resting;
  let began = false;
  const onRest = () => {
    began = false;
    noteReturned();
  };
  const observer = new MutationObserver(() => {
    const now = isConnected();
    const rests = app.getAttribute(SCRIPT) === "notRunning";
    clearTimeout(resting);
    if (now !== connected) {
      connected = now;
      began = false;
      if (!now) {
        noteAway();
        return away.begin();
      }
      away.end();
      onReturn();
    }
    if (connected && !hears()) {
      began ||= !rests;
      if (began && rests) resting = setTimeout(onRest, RESTS_MS);
    }
  });
  observer.observe(app, { attributes: true, attributeFilter: [CONNECTION, SCRIPT] });
  scope.onRelease(() => {
    clearTimeout(resting);
    observer.disconnect();
    away.release();
  });
}
