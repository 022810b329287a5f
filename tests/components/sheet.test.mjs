// The sheet that a picture stands on: lines that fit its width, and a chart laid out for what is left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut } from "../../components/take_away/chart.js";
import { broken, GROUNDS, headerOf, SIZES } from "../../components/take_away/sheet.js";

const letters = (text) => text.length; // every letter one pixel wide

test("lines break between parts, and between words only inside a part that is too long", () => {
  assert.deepEqual(broken("one two · three · four", 15, letters), ["one two · three", "four"]);
  assert.deepEqual(broken("a part of many words · end", 10, letters), ["a part of", "many words", "end"]);
  assert.deepEqual(broken("unbreakable", 3, letters), ["unbreakable"]);
  assert.deepEqual(broken("", 3, letters), []);
});

test("a header grows by the lines that it needs, and the picture begins below it", () => {
  const narrow = (text, font) => letters(text) * (font.startsWith("600") ? 20 : 12);
  const [one, two] = [headerOf(SIZES.column, "Short", "few", narrow), headerOf(SIZES.column, "Short", "few · ".repeat(30), narrow)];
  assert.ok(one.height > SIZES.column.margin + SIZES.column.title + SIZES.column.text);
  assert.ok(two.text.length > 1);
  assert.equal(two.height - one.height, Math.round((two.text.length - 1) * 1.35 * SIZES.column.text));
});

const layout = {
  height: 400, margin: { t: 65, l: 60 }, meta: { signature: 40 }, template: { layout: { font: { color: "#eee" } } },
  annotations: [{ name: "signature", text: "checkpoint" }, { text: "panel" }], paper_bgcolor: "rgba(0,0,0,0)",
};

test("a chart fills what the header leaves of a slide, without the line that it bears on the page", () => {
  const found = laidOut(SIZES.slide, GROUNDS.dark, 120, structuredClone(layout));
  assert.deepEqual([found.width * 2, found.height * 2 + 120], [1920, 1080]);
  assert.equal(found.margin.t, 25);
  assert.deepEqual(found.annotations, [{ text: "panel" }]);
  assert.equal(found.font.color, GROUNDS.dark.ink);
  assert.equal(found.template.layout.font, undefined); // the page's theme stays on the page
});

test("in a column the chart keeps its height", () => {
  const found = laidOut(SIZES.column, GROUNDS.light, 120, structuredClone(layout));
  assert.deepEqual([found.width * 2.5, found.height], [1050, 360]);
});
