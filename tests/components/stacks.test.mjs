// The maps that the browser keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

const announced = [];
globalThis.dispatchEvent = (event) => announced.push(event.type);
const { default: mount } = await import("../../components/stack_data/stack_data.js");
const { stacks } = await import("../../components/shared/stacks.js");

/** A stack of one plane with two frames, 1×2 and 2×2. */
function stack(name, levels = [1, 2, 3, 4, 5, 255]) {
  const planes = [{ sizes: [[1, 2], [2, 2]], limits: [0, 1], stride: 2, centre: [0, 0.5] }];
  return { name, planes, levels: deflateSync(Uint8Array.from(levels)).toString("base64") };
}

const send = (...all) => mount({ parentElement: {}, data: { stacks: all } });

async function unpacked() {
  while ([...stacks().values()].includes(null)) await new Promise((done) => setTimeout(done, 1));
}

test("frames come as they were packed, and viewers are told", async () => {
  send(stack("first"));
  assert.equal(stacks().get("first"), null); // under way
  await unpacked();
  const [plane] = stacks().get("first");
  assert.deepEqual(plane.frames.map((frame) => [...frame]), [[1, 2], [3, 4, 5, 255]]);
  assert.deepEqual([plane.stride, plane.centre], [2, [0, 0.5]]);
  assert.deepEqual(announced, ["equiscope-stack"]);
});

test("a known stack is not unpacked again but is the youngest", async () => {
  const planes = stacks().get("first");
  send(stack("second"));
  await unpacked();
  send(stack("first"));
  assert.equal(stacks().get("first"), planes);
  assert.deepEqual([...stacks().keys()], ["second", "first"]);
});

test("24 stacks are kept, the oldest goes first", async () => {
  send(...Array.from({ length: 23 }, (_, i) => stack(`more ${i}`)));
  await unpacked();
  assert.equal(stacks().size, 24);
  assert.ok(!stacks().has("second"));
  assert.ok(stacks().has("first"));
});

test("a broken stack is forgotten, so that it may come again", async (t) => {
  const said = t.mock.method(console, "error", () => {});
  send({ ...stack("broken"), levels: btoa("no zlib") });
  await unpacked();
  assert.ok(!stacks().has("broken"));
  assert.equal(said.mock.callCount(), 1);
});
