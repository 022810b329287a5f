// @ts-check
// The colours of the levels, and whether the page is dark.

import { contextOf, make } from "../shared/dom.js";

/**
 * 255 colours, one for each level, as pixels of a canvas (little-endian RGBA).
 * @param {string} text bytes of RGB in base64
 */
export function colours(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const last = bytes.length / 3 - 1;
  return Uint32Array.from({ length: 255 }, (_, level) => {
    const k = 3 * Math.round((level / 254) * last);
    return 0xff000000 | (bytes[k + 2] << 16) | (bytes[k + 1] << 8) | bytes[k];
  });
}

/** @param {Element} host whose background counts */
export function isDark(host) {
  const colour = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const probe = contextOf(make("canvas"));
  probe.fillStyle = colour || "#fff";
  const hex = probe.fillStyle; // the browser writes any colour as #rrggbb
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}
