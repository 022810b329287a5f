// Saved views as text and as a link, and what keys mean to a presenter.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { meaning, ownerOf } from "../../components/presenting/meaning.js";
import { decode, encode, linkTo, stepTo, viewOf, withView } from "../../components/presenting/views.js";

const { pages, right, wrong } = JSON.parse(readFileSync(new URL("views.json", import.meta.url), "utf8"));
const press = (key, held = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("a list and its text agree, and a link does not spell the text by percent signs", () => {
  for (const [views, text] of right) {
    assert.equal(encode(views), text);
    assert.deepEqual(decode(text), views);
    assert.equal(encodeURIComponent(text), text);
  }
});

test("nonsense is an empty list", () => {
  for (const text of wrong) assert.deepEqual(decode(text), [], text);
});

test("a list keeps to 20 views and 8 kB", () => {
  const full = Array.from({ length: 20 }, (_, i) => `maps?digit=${i}`);
  assert.deepEqual(decode(encode(full)), full);
  assert.equal(withView(full, "about"), null);
  assert.deepEqual(decode(encode([...full, "about"])), []);
  assert.deepEqual(withView(full.slice(1), "about"), [...full.slice(1), "about"]);
  const view = (/** @type {number} */ length) => "1".repeat(length - "~v".length); // of that many characters as text
  assert.equal(encode([view(8192)]).length, 8192);
  assert.deepEqual(withView([], view(8192)), [view(8192)]);
  assert.deepEqual(decode(encode([view(8192)])), [view(8192)]);
  assert.equal(withView([], view(8193)), null);
  assert.deepEqual(decode(encode([view(8193)])), []);
});

test("an address is a view, whatever the order of its parameters, without those of the presentation", () => {
  const of = (pathname, search) => viewOf({ pathname, search }, pages);
  assert.equal(of("/maps", "?s=1.26&present=1&digit=4&views=~vmaps"), "maps?digit=4&s=1.26");
  assert.equal(of("/equiscope/maps", ""), "maps");
  assert.equal(of("/equiscope/", "?present=1"), "");
});

test("the link to a list opens its first view on the same server", () => {
  const at = { origin: "http://here", pathname: "/equiscope/errors" };
  assert.equal(linkTo(["maps?s=2", "about"], at, pages), "http://here/equiscope/maps?s=2&views=~vmaps~qs~e2~vabout");
  assert.equal(linkTo([""], { origin: "http://here", pathname: "/" }, pages), "http://here/?views=~v");
});

test("steps end at the ends, and begin with the first view", () => {
  assert.deepEqual([stepTo(-1, 1, 3), stepTo(-1, -1, 3), stepTo(2, 1, 3), stepTo(1, -1, 3)], [0, 0, 2, 0]);
});

test("a field keeps its letters, a slider its arrows", () => {
  const owners = [
    [{ tag: "input", type: "text" }, "text"], [{ tag: "textarea" }, "text"], [{ tag: "select" }, "text"],
    [{ tag: "div", editable: true }, "text"], [{ tag: "input", type: "text", role: "combobox" }, "text"],
    [{ tag: "input", type: "range" }, "arrows"], [{ tag: "div", role: "slider" }, "arrows"],
    [{ tag: "button", role: "radio" }, "arrows"], [{ tag: "canvas" }, "arrows"],
    [{ tag: "button" }, "none"], [{ tag: "input", type: "checkbox" }, "none"], [{ tag: "body" }, "none"],
  ];
  for (const [focused, owner] of owners) assert.equal(ownerOf(focused), owner, JSON.stringify(focused));
});

test("P turns the mode on and off, Escape leaves it, but not while somebody types", () => {
  for (const present of [true, false]) {
    for (const key of ["p", "P"]) assert.equal(meaning(press(key), "none", present, 0), "turn");
    assert.equal(meaning(press("p"), "arrows", present, 0), "turn");
    assert.equal(meaning(press("p"), "text", present, 0), null);
    assert.equal(meaning(press("p", { ctrlKey: true }), "none", present, 0), null);
  }
  assert.equal(meaning(press("Escape"), "none", true, 0), "leave");
  assert.equal(meaning(press("Escape"), "none", false, 0), null);
});

test("arrows and page keys step through the list, unless they belong to what has the focus", () => {
  const steps = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 };
  for (const [key, step] of Object.entries(steps)) {
    assert.equal(meaning(press(key), "none", true, 3), step);
    assert.equal(meaning(press(key), "none", false, 3), null);
    assert.equal(meaning(press(key), "none", true, 0), null);
    for (const owner of ["arrows", "text"]) assert.equal(meaning(press(key), owner, true, 3), null);
    assert.equal(meaning(press(key, { shiftKey: true }), "none", true, 3), null);
  }
  for (const key of ["a", "constructor", "ArrowUp"]) assert.equal(meaning(press(key), "none", true, 3), null);
});
