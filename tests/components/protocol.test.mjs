// Who is newer, browser or server.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RETURNED } from "../../components/shared/connection.js";
import { Scope } from "../../components/shared/dom.js";
import { Exchange, Resting } from "../../components/shared/protocol.js";

// Node's globalThis is no EventTarget.
const around = new EventTarget();
globalThis.addEventListener ??= around.addEventListener.bind(around);
globalThis.dispatchEvent ??= around.dispatchEvent.bind(around);

function exchange(options = {}) {
  const clock = { ms: 1000 };
  return { clock, talk: new Exchange({ now: () => clock.ms, mark: "m", ...options }) };
}

test("with no report on its way the server's state counts", () => {
  const { talk } = exchange();
  assert.ok(talk.accepts(""));
  assert.ok(talk.accepts("of an earlier component"));
});

test("after a report only its own answer counts, and after the answer everything", () => {
  const { talk } = exchange();
  const id = talk.report();
  assert.ok(!talk.accepts(""));
  assert.ok(talk.accepts(id));
  assert.ok(talk.accepts(""));
});

test("a report made while the server was away is made again when it is back, and until then nothing else counts", () => {
  const server = { hears: false };
  const { talk, clock } = exchange({ heard: () => server.hears });
  const scope = new Scope();
  const sent = [];
  talk.repeats(scope, () => sent.push(talk.report()));
  talk.report();
  clock.ms += 60_000;
  assert.ok(!talk.accepts(""), "Streamlit draws the page again with what it had");
  server.hears = true;
  assert.ok(!talk.accepts(""), "the first run shows what the address says");
  globalThis.dispatchEvent(new Event(RETURNED));
  globalThis.dispatchEvent(new Event(RETURNED));
  assert.equal(sent.length, 1);
  assert.ok(!talk.accepts(""));
  assert.ok(talk.accepts(sent[0]));
  scope.release();
});

test("a report that arrived all the same is not made again", () => {
  const server = { hears: false };
  const { talk } = exchange({ heard: () => server.hears });
  const scope = new Scope();
  talk.repeats(scope, () => assert.fail("it was heard"));
  const id = talk.report();
  server.hears = true;
  assert.ok(talk.accepts(id));
  globalThis.dispatchEvent(new Event(RETURNED));
  scope.release();
});

test("who repeats nothing takes the state of a run as ever", () => {
  const { talk, clock } = exchange({ heard: () => false });
  talk.report();
  clock.ms += 60_000;
  assert.ok(talk.accepts(""));
});

test("the newest report wins: an echo of an older one is ignored", () => {
  const { talk } = exchange();
  const [older, newer] = [talk.report(), talk.report()];
  assert.notEqual(older, newer);
  assert.ok(!talk.accepts(older));
  assert.ok(talk.accepts(newer));
});

test("an older echo that comes after the answer is the server's state", () => {
  const { talk } = exchange();
  const older = talk.report();
  talk.accepts(talk.report());
  assert.ok(talk.accepts(older));
});

test("while the visitor is busy nothing counts, and nothing is forgotten", () => {
  const { talk } = exchange();
  const id = talk.report();
  assert.ok(!talk.accepts(id, true));
  assert.ok(!talk.accepts(""));
  assert.ok(talk.accepts(id));
});

test("a report that is never answered counts for four seconds, from the last one on", () => {
  const { talk, clock } = exchange();
  talk.report();
  clock.ms += 3999;
  assert.ok(!talk.accepts(""));
  talk.report();
  clock.ms += 3999;
  assert.ok(!talk.accepts(""));
  clock.ms += 1;
  assert.ok(talk.accepts(""));
});

test("without a time limit the browser's state counts until it is answered", () => {
  const { talk, clock } = exchange({ limitMs: Infinity });
  const id = talk.report();
  clock.ms += 1e12;
  assert.ok(!talk.accepts(""));
  assert.ok(talk.accepts(id));
});

test("two components never give the same id", () => {
  const ids = Array.from({ length: 200 }, () => new Exchange({ now: () => 0 }).report());
  assert.equal(new Set(ids).size, ids.length);
});

test("a key held down reports once it rests; a release reports at once and only once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let reports = 0;
  const resting = new Resting(() => (reports += 1));
  for (let i = 0; i < 5; i++) {
    resting.start(150);
    mock.timers.tick(100);
  }
  assert.deepEqual([reports, resting.pending], [0, true]);
  mock.timers.tick(50);
  assert.deepEqual([reports, resting.pending], [1, false]);
  resting.start(150);
  resting.start();
  mock.timers.tick(1000);
  assert.deepEqual([reports, resting.pending], [2, false]);
  resting.start(150);
  resting.stop();
  mock.timers.tick(1000);
  assert.equal(reports, 2);
  mock.timers.reset();
});
