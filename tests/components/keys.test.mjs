// What keys mean.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arrow, direction, end, isCommand, isDelete, isUndo, leap } from "../../components/shared/keys.js";

const press = (key, held = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("right and up lead to more, left and down to less", () => {
  const found = ["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"].map((key) => direction(press(key)));
  assert.deepEqual(found, [1, 1, -1, -1]);
});

test("on a plane, y runs downwards", () => {
  assert.deepEqual(arrow(press("ArrowUp")), [0, -1]);
  assert.deepEqual(arrow(press("ArrowRight")), [1, 0]);
  assert.equal(arrow(press("a")), null);
});

test("page keys leap, Home and End go to the ends, and nothing else does", () => {
  assert.deepEqual(["PageUp", "PageDown", "Home"].map((key) => leap(press(key))), [1, -1, 0]);
  assert.deepEqual(["End", "Home", "PageUp"].map((key) => end(press(key))), [1, -1, 0]);
  for (const key of ["a", "Tab", " ", "Enter", "constructor", "toString"])
    assert.deepEqual([direction(press(key)), leap(press(key)), end(press(key))], [0, 0, 0], key);
});

test("with Ctrl, Alt or ⌘ a key belongs to the browser, with Shift it does not", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.ok(isCommand(press("ArrowLeft", { [held]: true })));
  assert.ok(!isCommand(press("ArrowLeft", { shiftKey: true })));
});

test("Ctrl+Z and ⌘Z undo; Delete and Backspace delete", () => {
  assert.ok(isUndo(press("z", { ctrlKey: true })));
  assert.ok(isUndo(press("z", { metaKey: true })));
  assert.ok(!isUndo(press("z")));
  assert.ok(!isUndo(press("z", { ctrlKey: true, altKey: true })));
  assert.deepEqual(["Delete", "Backspace", "d"].map((key) => isDelete(press(key))), [true, true, false]);
});
