// @ts-check
// The card of a lesson, beside a live figure.
//
// What a choice is answered with is here already; a number's truth, and what the figure uncovers, come from the server.
// Arrow keys to the left and right step, unless they belong to what has the focus.

import { described, ownerOf } from "../presenting/meaning.js";
import { copyText } from "../shared/clipboard.js";
import { make, makeButton, Scope } from "../shared/dom.js";
import { isCommand } from "../shared/keys.js";
import { writeMarked } from "../shared/marks.js";
import { keep, kept } from "../shared/memory.js";
import { component } from "../shared/mount.js";
import { Exchange } from "../shared/protocol.js";
import { Terms } from "../shared/terms.js";
import { loadInRest } from "./ahead.js";
import { Question } from "./question.js";

/** @typedef {import("./question.js").Answer} Answer */

/**
 * @typedef {object} Data as components.lesson_card.Card
 * @property {string} at
 * @property {string} lesson
 * @property {number} place
 * @property {number} count
 * @property {string} text
 * @property {import("./question.js").Ask | null} ask
 * @property {string} why
 * @property {boolean} do
 * @property {Answer} answer
 * @property {import("./question.js").Truth | null} truth
 * @property {string} back
 * @property {string} next
 * @property {string} next_lesson
 * @property {string} copied
 * @property {string} ahead
 * @property {Record<string, Answer>} kept
 * @property {import("../shared/terms.js").Term[]} terms
 * @property {string} answers
 */

/** @typedef {import("../shared/mount.js").Given<Data>} Given */

const ANSWERS = "equiscope.answers"; // by `lesson/step`

export default component((/** @type {Given} */ given) => new LessonCard(given));

class LessonCard {
  /** @param {Given} given */
  constructor({ parentElement }) {
    this.scope = new Scope();
    this.ofStep = new Scope();
    this.exchange = new Exchange();
    /** @type {(report: object) => void} */
    this.send = () => {};
    /** @type {Data | null} */
    this.data = null;
    this.layout = "";
    this.asked = false; // whether the server was told what this browser had kept
    /** @type {Answer} */
    this.answer = { chosen: [], number: null, shown: false, done: false, drawn: [] };
    this.where = make("p", "where");
    this.where.setAttribute("role", "status");
    this.body = make("div", "body");
    this.why = make("p", "why");
    this.done = make("p", "done");
    for (const each of [this.why, this.done]) each.setAttribute("role", "status");
    this.back = makeButton("← Back", "back");
    this.next = makeButton("Next →", "next");
    this.dots = make("span", "dots");
    this.dots.setAttribute("aria-hidden", "true"); // the line above says it
    this.nav = make("nav");
    this.nav.setAttribute("aria-label", "Steps of the lesson");
    this.nav.append(this.back, this.dots, this.next);
    this.said = make("span", "said");
    this.said.setAttribute("role", "status");
    this.copy = makeButton("Copy my answers", "quiet");
    this.forget = makeButton("Forget them", "quiet");
    this.field = make("textarea", "field");
    this.field.readOnly = true;
    this.field.setAttribute("aria-label", "My answers");
    this.field.hidden = true;
    this.foot = make("p", "foot");
    this.foot.append(this.copy, this.forget, this.said, this.field);
    this.root = make("section", "card");
    this.root.setAttribute("aria-label", "Lesson");
    this.root.append(this.where, this.body, this.done, this.why, this.nav, this.foot);
    parentElement.append(this.root);
    this.listen();
  }

  listen() {
    const { scope } = this;
    scope.listen(this.back, "click", () => this.go(this.data?.back ?? ""));
    scope.listen(this.next, "click", () => this.go(this.data?.next ?? ""));
    scope.listen(this.copy, "click", () => this.copyAnswers());
    scope.listen(this.forget, "click", () => {
      keep(ANSWERS, {});
      this.report({ forgets: true });
    });
    // On the document, so before what listens on the window: the viewer's handle and the saved views.
    scope.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
  }

  release() {
    this.ofStep.release();
    this.scope.release();
    this.root.remove();
  }

  /** @param {Given} given */
  update({ data, setTriggerValue }) {
    this.send = (report) => setTriggerValue("told", report);
    if (!data) return;
    this.data = data;
    const layout = JSON.stringify([data.at, data.text, data.ask, data.terms]);
    const another = layout !== this.layout;
    if (this.exchange.accepts(data.answers) || another) this.answer = data.answer;
    if (another) this.build(data);
    if (another && this.layout) this.root.scrollIntoView({ block: "nearest" }); // who chose a lesson stands below it
    this.layout = layout;
    this.show();
    this.remember(data);
    if (data.ahead) loadInRest(data.ahead, this.scope);
  }

  /** What an earlier visit answered, once; from then on the server's answers are this browser's. @param {Data} data */
  remember(data) {
    const earlier = kept(ANSWERS);
    if (!this.asked && !Object.keys(data.kept).length && Object.keys(earlier).length) this.report({ kept: earlier });
    else if (Object.keys(data.kept).length) keep(ANSWERS, data.kept);
    this.asked = true;
  }

  /** @param {Data} data */
  build({ text, ask, place, count, lesson, terms }) {
    this.ofStep.release();
    this.ofStep = new Scope();
    const standing = new Terms(terms);
    this.where.textContent = `Step ${place} of ${count}`;
    this.where.setAttribute("aria-label", `${lesson}: step ${place} of ${count}`);
    const said = make("p", "text");
    writeMarked(said, text, standing);
    this.question = ask && new Question(ask, standing, this.ofStep, (more) => this.say(more));
    this.body.replaceChildren(said, ...(this.question ? [this.question.element] : []));
    this.dots.replaceChildren(
      ...Array.from({ length: count }, (_, k) => make("i", k + 1 < place ? "past" : k + 1 === place ? "here" : "")),
    );
    this.said.textContent = "";
    this.field.hidden = true;
  }

  show() {
    const { data, answer } = this;
    if (!data) return;
    this.question?.show(answer, data.truth);
    const why = data.why;
    if (this.why.dataset.told !== why) writeMarked(this.why, why, new Terms([]));
    this.why.dataset.told = why;
    const done = data.do && answer.done ? "Done." : "";
    if (this.done.textContent !== done) this.done.textContent = done;
    this.back.disabled = !data.back;
    this.next.disabled = !data.next;
    this.next.textContent = data.next_lesson ? "Next lesson →" : "Next →";
    this.next.title = data.next_lesson;
    this.next.classList.toggle("ready", data.do ? answer.done : !data.ask || Boolean(why));
    this.foot.hidden = !data.copied;
    this.root.dataset.at = data.at;
    this.root.dataset.revealed = String(Boolean(why));
  }

  /** @param {Partial<Answer> & { places?: boolean }} more */
  say({ places = false, ...more }) {
    this.answer = { ...this.answer, ...more };
    this.show();
    this.report({ at: this.data?.at, answer: this.answer, places });
  }

  /** @param {string} at */
  go(at) {
    if (at) this.report({ go: at });
  }

  /** @param {object} what */
  report(what) {
    this.send({ ...what, id: this.exchange.report() });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.defaultPrevented || isCommand(event) || event.shiftKey || event.repeat) return;
    if (!/^Arrow(Left|Right)$/.test(event.key) || ownerOf(described(event.composedPath()[0])) !== "none") return;
    event.preventDefault();
    this.go((event.key === "ArrowLeft" ? this.data?.back : this.data?.next) ?? "");
  }

  async copyAnswers() {
    this.said.textContent = "";
    this.said.textContent = await copyText(this.data?.copied ?? "", this.field, "text");
  }
}
