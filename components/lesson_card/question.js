// @ts-check
// The question of a card: options to choose, a number to guess, or nothing but the truth to be shown.

import { make, makeButton } from "../shared/dom.js";
import { writeMarked } from "../shared/marks.js";
import { Terms } from "../shared/terms.js";

/** @typedef {{ chosen: number[], number: number | null, shown: boolean, done: boolean, drawn: number[] }} Answer */
/** @typedef {{ text: string, says: string, right: boolean }} GivenOption as core.lessons.Option */
/** @typedef {{ value: number | null, said: string, right: boolean | null }} Truth as components.lesson_card.Truth */

/**
 * @typedef {object} Ask as core.lessons.Ask
 * @property {string} kind
 * @property {string} prompt
 * @property {GivenOption[]} option
 * @property {string} unit
 * @property {number} low
 * @property {number} high
 */

const STOPS = 100; // of the slider
const NONE = new Terms([]);

export class Question {
  /**
   * @param {Ask} ask
   * @param {import("../shared/terms.js").Terms} terms
   * @param {import("../shared/dom.js").Scope} scope
   * @param {(answer: Partial<Answer> & { places?: boolean }) => void} say told what the visitor answers; `places`: that
   *   the marks on the figure are the answer
   */
  constructor(ask, terms, scope, say) {
    this.ask = ask;
    this.terms = terms;
    this.scope = scope;
    this.say = say;
    /** @type {Answer} */
    this.answer = { chosen: [], number: null, shown: false, done: false, drawn: [] };
    this.element = make("section", "question");
    const prompt = make("h2", "prompt");
    writeMarked(prompt, ask.prompt, terms);
    this.feedback = make("div", "feedback");
    this.feedback.setAttribute("role", "status"); // always there, so that what it says is a change, and read out
    this.reveal = makeButton("Show me", "reveal");
    scope.listen(this.reveal, "click", () => say({ shown: true }));
    this.options = ask.option.map((option, place) => this.buildOption(option, place));
    this.element.append(prompt, ...this.buildAsked());
    this.element.append(this.feedback, this.reveal);
  }

  /** @returns {HTMLElement[]} what the visitor answers with */
  buildAsked() {
    const { kind } = this.ask;
    if (kind === "number") return [this.buildNumber()];
    if (kind === "draw") return []; // the figure is drawn into
    return kind === "place" ? [this.buildCommit(() => this.say({ places: true }))] : this.options;
  }

  /** @param {() => void} commit */
  buildCommit(commit) {
    this.commit = makeButton("That is my guess", "commit");
    this.scope.listen(this.commit, "click", commit);
    return this.commit;
  }

  /** @param {GivenOption} option @param {number} place */
  buildOption(option, place) {
    const button = makeButton("", "option");
    writeMarked(button, option.text, NONE); // a term can have the focus, which nothing inside a button may
    this.scope.listen(button, "click", () => {
      const others = this.answer.chosen.filter((each) => each !== place);
      this.say({ chosen: [...others, place] });
    });
    return button;
  }

  buildNumber() {
    const { low, high, unit, prompt } = this.ask;
    const field = make("div", "field");
    this.range = make("input", "guess");
    const step = niceStep(high - low);
    Object.assign(this.range, { type: "range", min: String(low), max: String(high), step: String(step) });
    this.range.value = String(low + Math.round((high - low) / 2 / step) * step);
    this.range.setAttribute("aria-label", prompt);
    this.reading = make("output", "reading");
    const commit = this.buildCommit(() => this.say({ number: Number(this.range?.value) }));
    this.track = make("div", "track");
    this.track.append(make("span", "mine"), make("span", "true"));
    this.track.setAttribute("aria-hidden", "true"); // the feedback says it
    const read = () => {
      const told = tell(Number(this.range?.value), unit);
      if (this.reading) this.reading.textContent = told;
      this.range?.setAttribute("aria-valuetext", told);
    };
    this.scope.listen(this.range, "input", read);
    read();
    field.append(this.range, this.reading, commit, this.track);
    return field;
  }

  /** @param {Answer} answer @param {Truth | null} truth */
  show(answer, truth) {
    this.answer = answer;
    const { ask } = this;
    const last = answer.chosen.at(-1);
    const revealed = answer.chosen.length > 0 || answer.number !== null || answer.drawn.length > 0 || answer.shown;
    const solved = answer.shown || answer.chosen.some((place) => ask.option[place]?.right);
    this.options.forEach((button, place) => {
      const tried = answer.chosen.includes(place);
      button.classList.toggle("mine", place === last);
      button.classList.toggle("right", ask.option[place].right && (tried || answer.shown));
      button.classList.toggle("wrong", !ask.option[place].right && tried);
      button.setAttribute("aria-pressed", String(place === last));
    });
    this.reveal.hidden = ask.kind === "choice" ? solved : revealed;
    this.showNumber(answer, truth);
    if (this.commit) this.commit.textContent = revealed && !answer.shown ? "Guess again" : "That is my guess";
    this.tell(feedbackOf(ask, answer, truth));
  }

  /** @param {Answer} answer @param {Truth | null} truth */
  showNumber(answer, truth) {
    if (!this.track) return;
    const [mine, computed] = this.track.children;
    const value = truth?.value ?? null;
    this.track.hidden = answer.number === null && value === null;
    place(mine, answer.number, this.ask);
    place(computed, value, this.ask);
  }

  /** @param {{ text: string, kind: string }[]} lines */
  tell(lines) {
    const told = JSON.stringify(lines);
    if (this.feedback.dataset.told === told) return;
    this.feedback.dataset.told = told;
    this.feedback.replaceChildren(
      ...lines.map(({ text, kind }) => {
        const line = make("p", `says ${kind}`);
        writeMarked(line, text, this.terms);
        return line;
      }),
    );
  }
}

/**
 * What an answer is answered with.
 * @param {Ask} ask @param {Answer} answer @param {Truth | null} truth
 * @returns {{ text: string, kind: string }[]}
 */
export function feedbackOf(ask, answer, truth) {
  const lines = [];
  const last = ask.option[answer.chosen.at(-1) ?? -1];
  if (last) lines.push({ text: `${last.right ? "**Right.**" : "**Not quite.**"} ${last.says}`, kind: last.right ? "right" : "wrong" });
  for (const option of ask.option)
    if (answer.shown && option.right && option !== last) lines.push({ text: `**${option.text}** ${option.says}`, kind: "right" });
  if (truth?.said) lines.push({ text: truth.said, kind: truth.right === false ? "wrong" : "right" });
  return lines;
}

/** The step of a slider: 1, 2 or 5 times a power of ten, about a hundred of them. @param {number} range */
export function niceStep(range) {
  const rough = range / STOPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number((power * ([1, 2, 5, 10].find((each) => each * power >= rough - 1e-12) ?? 10)).toPrecision(3));
}

/** @param {number} value @param {string} unit */
function tell(value, unit) {
  return `${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ""}`.replace("-", "−");
}

/** @param {Element} mark @param {number | null} value @param {Ask} ask */
function place(mark, value, { low, high }) {
  if (!(mark instanceof HTMLElement)) return;
  mark.hidden = value === null;
  mark.style.left = `${100 * Math.min(1, Math.max(0, ((value ?? low) - low) / (high - low)))}%`;
}
