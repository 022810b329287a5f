// The concept test: what is counted is what core counts, options stand in an order of their own, and nothing has a name.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { asText, fits, order, score, told } from "../../components/concept_test/scoring.js";

const cases = JSON.parse(readFileSync(new URL("concept_scores.json", import.meta.url), "utf8"));
const form = (right) => ({ prompt: "?", option: [0, 1, 2].map((k) => ({ text: `${k}`, right: k === right, idea: k === right ? "" : `idea ${k}` })) });
const itemsOf = (right) => right[0].map((_, k) => ({ lesson: "a", title: `Lesson ${k}`, form: [form(right[0][k]), form(right[1][k])] }));

test("scores are those of core", () => {
  for (const { right, before, after, score: expected } of cases) assert.deepEqual(score(itemsOf(right), before, after), expected);
});

test("a gain is told in one sentence, and none where all was known", () => {
  assert.match(told({ before: 2, after: 3, gain: 0.5 }, 4), /Before: \*\*2 of 4\*\* right\. After: \*\*3 of 4\*\*\. Normalised gain: \*\*0\.50\*\*/);
  assert.match(told({ before: 2, after: 1, gain: -0.5 }, 4), /\*\*−0\.50\*\*/);
  assert.match(told({ before: 4, after: 4, gain: null }, 4), /nothing to gain/);
});

test("the order of options is a permutation, always the same, and the right one has no place of its own", () => {
  const firsts = [0, 0, 0];
  for (let k = 0; k < 300; k++) {
    const found = order(`Question ${k}?`, 3);
    assert.deepEqual([...found].sort(), [0, 1, 2]);
    assert.deepEqual(found, order(`Question ${k}?`, 3));
    firsts[found[0]] += 1;
  }
  for (const count of firsts) assert.ok(count > 70 && count < 130, `${firsts}`);
});

test("what was kept is taken only if it can be an answer", () => {
  const items = itemsOf([[0, 1], [1, 0]]);
  assert.ok(fits([-1, 2], items, 0));
  for (const no of [null, {}, [0], [0, 3], [0, -2], [0, 0.5], ["0", 1]]) assert.ok(!fits(no, items, 0));
});

test("what is copied says the idea behind a wrong answer", () => {
  const text = asText(itemsOf([[0, 1], [1, 0]]), [0, -1], [2, 0]);
  assert.deepEqual(text.split("\n").slice(0, 3), [
    "My concept test in Equiscope",
    "1. Lesson 0: before right, after not right (idea 2)",
    "2. Lesson 1: before no answer, after right",
  ]);
});
