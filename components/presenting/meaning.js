// @ts-check
// What a key means to a presenter, and to whom it belongs: a field or a slider keeps its own.

import { isCommand } from "../shared/keys.js";

/** @typedef {"text" | "arrows" | "none"} Owner what the focused element does with keys */

const TEXT_ROLES = ["textbox", "searchbox", "combobox", "listbox", "option", "menu", "menuitem"]; // or jumps to a letter
const ARROW_ROLES = ["slider", "spinbutton", "radio", "radiogroup", "tab", "grid", "gridcell", "tree", "treeitem"];
const KEYLESS_INPUTS = ["button", "checkbox", "color", "file", "image", "reset", "submit"];

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 };

/**
 * @param {{ tag: string, type?: string, role?: string | null, editable?: boolean }} focused
 * @returns {Owner}
 */
export function ownerOf({ tag, type = "", role = null, editable = false }) {
  if (editable || tag === "textarea" || tag === "select" || TEXT_ROLES.includes(role ?? "")) return "text";
  if (ARROW_ROLES.includes(role ?? "") || tag === "canvas") return "arrows"; // tables and the pad are drawn on one
  if (tag !== "input" || KEYLESS_INPUTS.includes(type)) return "none";
  return type === "range" || type === "radio" ? "arrows" : "text";
}

/**
 * @param {import("../shared/keys.js").Key} event
 * @param {Owner} owner
 * @param {boolean} present whether present mode is on
 * @param {number} count of saved views
 * @returns {"turn" | "leave" | -1 | 1 | null} null where the key is not ours
 */
export function meaning(event, owner, present, count) {
  if (isCommand(event)) return null;
  if (event.key.toLowerCase() === "p" && owner !== "text") return "turn";
  if (!present) return null;
  if (event.key === "Escape") return "leave";
  if (event.shiftKey || owner !== "none" || !count || !Object.hasOwn(STEPS, event.key)) return null;
  return STEPS[event.key] < 0 ? -1 : 1;
}

/** What of an element `ownerOf` asks for. @param {EventTarget} target */
export function described(target) {
  if (!(target instanceof Element)) return { tag: "" };
  const editable = target instanceof HTMLElement && target.isContentEditable;
  const type = target instanceof HTMLInputElement ? target.type : "";
  return { tag: target.localName, type, role: target.getAttribute("role"), editable };
}
