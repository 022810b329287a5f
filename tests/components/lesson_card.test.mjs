// The card of a lesson: what an answer is answered with, what a hand draws, and the marks in a text.

import assert from "node:assert/strict";
import test from "node:test";

import { between, pointAt } from "../../components/curve_pad/drawing.js";
import { pieces } from "../../components/shared/marks.js";
import { feedbackOf, niceStep } from "../../components/lesson_card/question.js";

const ask = {
  kind: "choice", prompt: "?", unit: "", low: 0, high: 1,
  option: [{ text: "A", says: "No, since.", right: false }, { text: "B", says: "Yes, since.", right: true }],
};
const nothing = { chosen: [], number: null, shown: false, done: false, drawn: [] };

test("a choice is answered by its own sentence, and what is shown by the right one", () => {
  assert.deepEqual(feedbackOf(ask, nothing, null), []);
  const told = (more) => feedbackOf(ask, { ...nothing, ...more }, null).map(({ text, kind }) => `${kind}: ${text}`);
  assert.deepEqual(told({ chosen: [0] }), ["wrong: **Not quite.** No, since."]);
  assert.deepEqual(told({ chosen: [0, 1] }), ["right: **Right.** Yes, since."]);
  assert.deepEqual(told({ shown: true }), ["right: **B** Yes, since."]);
  assert.deepEqual(told({ chosen: [1], shown: true }), ["right: **Right.** Yes, since."]);
});

test("a slider has about a hundred stops", () => {
  assert.deepEqual([60, 100, 1, 8, 0.5].map(niceStep), [1, 1, 0.01, 0.1, 0.005]);
});

test("a quick hand leaves out no point of a curve", () => {
  assert.deepEqual(between([0, 0, 0, 0, 0], 0, 4, 8), [0, 2, 4, 6, 8]);
  assert.deepEqual(between([0, 2, 4, 6, 8], 4, 2, 0), [0, 2, 0, 4, 8]);
  assert.deepEqual(between([0, 0, 0], 0, 2, 5, true), [0, 0, 5]);
  assert.deepEqual([-1, 0.5, 2].map((share) => pointAt(share, [0, 0.3, 0.55, 0.8, 1])), [0, 2, 4]);
});

test("a text has emphasis and code, and every letter of it is kept", () => {
  assert.deepEqual(pieces("Keep *one* of `2×2`, **now**."), [
    { kind: "text", text: "Keep " }, { kind: "em", text: "one" }, { kind: "text", text: " of " },
    { kind: "code", text: "2×2" }, { kind: "text", text: ", " }, { kind: "strong", text: "now" },
    { kind: "text", text: "." },
  ]);
  assert.deepEqual(pieces("2 * 3"), [{ kind: "text", text: "2 * 3" }]);
});
