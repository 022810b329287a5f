// Every component lets go of everything, and only when it is really removed.

import assert from "node:assert/strict";
import { readdirSync, existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Scope } from "../../components/shared/dom.js";
import { component } from "../../components/shared/mount.js";

/** A component that notes what happens to it. */
function noted() {
  const notes = [];
  const mount = component(({ parentElement }) => {
    notes.push("made");
    return { update: ({ data }) => notes.push(data), release: () => notes.push(`released ${parentElement.name}`) };
  });
  return { notes, call: (parentElement, data) => mount({ parentElement, data }) };
}

test("one parent has one component, however often Streamlit calls", () => {
  const { notes, call } = noted();
  const parent = { name: "a" };
  for (const data of [1, 2, 3]) call(parent, data);
  call({ name: "b" }, 4);
  assert.deepEqual(notes, ["made", 1, 2, 3, "made", 4]);
});

test("only the release of the newest call counts, and it counts once", () => {
  const { notes, call } = noted();
  const parent = { name: "a" };
  const [overtaken, newest] = [call(parent, 1), call(parent, 2)];
  overtaken();
  assert.deepEqual(notes, ["made", 1, 2]);
  newest();
  newest();
  overtaken();
  assert.deepEqual(notes, ["made", 1, 2, "released a"]);
});

test("a call after the release begins anew, and the old release does not end it", () => {
  const { notes, call } = noted();
  const parent = { name: "a" };
  const old = call(parent, 1);
  old();
  const now = call(parent, 2);
  old();
  assert.deepEqual(notes, ["made", 1, "released a", "made", 2]);
  now();
  assert.equal(notes.at(-1), "released a");
});

test("a scope hears nothing after its release", () => {
  const scope = new Scope();
  const target = new EventTarget();
  const heard = [];
  scope.listen(target, ["here", "there"], (event) => heard.push(event.type));
  scope.onRelease(() => heard.push("end"));
  target.dispatchEvent(new Event("here"));
  target.dispatchEvent(new Event("there"));
  assert.ok(!scope.ended);
  scope.release();
  scope.release();
  target.dispatchEvent(new Event("here"));
  assert.deepEqual(heard, ["here", "there", "end"]);
  assert.ok(scope.ended);
});

test("every component is mounted by way of `component`", () => {
  const folder = new URL("../../components/", import.meta.url);
  const alone = "standalone"; // a page by itself, which mounts the others
  const names = readdirSync(folder).filter((name) => name !== alone && existsSync(new URL(`${name}/${name}.js`, folder)));
  assert.ok(names.length >= 5, names.join());
  for (const name of names)
    assert.match(readFileSync(new URL(`${name}/${name}.js`, folder), "utf8"), /^export default component\(/m, name);
});
