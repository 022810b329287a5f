// @ts-check
// What a page says while its server is away: a sentence in place of Streamlit's dialog, which speaks to whoever started
// the server and takes the focus from the handle that goes on moving in the browser.

import { make } from "../shared/dom.js";

const AFTER_MS = 700; // behind a proxy another process answers sooner, and then nothing is said
const LONG_MS = 60_000;
const AWAY = "The server is away for a moment. This page stays as it is, and goes on by itself as soon as the server is back.";
const LONG = "The server has been away for a minute. This page still goes on by itself when it is back; its address keeps your view, so you may also close it and come again.";
const STYLE = `
  :host { position: fixed; left: 50%; bottom: 0.5rem; transform: translateX(-50%); z-index: 1000001; width: max-content; max-width: calc(100vw - 2rem); }
  p { margin: 0; padding: 0.5rem 1rem; border: 1px solid #6b7a86; border-radius: 0.5rem; color: #e4e9ed; background: #14191e; font: max(0.9rem, var(--eq-font, 0px)) "Source Sans", sans-serif; }
  p:empty { display: none; }
`;
const DIALOG = "[data-testid=stDialog]";

/** The sentence at the foot of the window. It stands there unseen from the start, so that a screen reader reads it out. */
export class Away {
  constructor() {
    this.host = make("div");
    this.host.dataset.testid = "away";
    this.sentence = make("p");
    this.sentence.setAttribute("role", "status");
    this.host.attachShadow({ mode: "open" }).append(make("style", "", STYLE), this.sentence);
    document.body.append(this.host);
    /** @type {ReturnType<typeof setTimeout>[]} */
    this.timers = [];
    this.dialogs = new MutationObserver(closeDialog);
  }

  begin() {
    this.end();
    this.timers = [this.sayAfter(AFTER_MS, AWAY), this.sayAfter(LONG_MS, LONG)];
    this.dialogs.observe(document.body, { childList: true, subtree: true });
  }

  end() {
    this.timers.forEach(clearTimeout);
    this.dialogs.disconnect();
    this.sentence.textContent = "";
  }

  release() {
    this.end();
    this.host.remove();
  }

  /**
   * @param {number} ms
   * @param {string} sentence
   */
  sayAfter(ms, sentence) {
    return setTimeout(() => {
      this.sentence.textContent = sentence;
    }, ms);
  }
}

// Once closed by hand it does not come again before the next loss; no other dialog opens without a server.
function closeDialog() {
  const close = document.querySelector(`${DIALOG} button[aria-label=Close]`);
  if (close instanceof HTMLElement) close.click();
}
