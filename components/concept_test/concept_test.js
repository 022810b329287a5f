// @ts-check
// Eight questions, once before the lessons and once after. What is answered stays in this browser: nothing is sent.

import { copyText } from "../shared/clipboard.js";
import { make, makeButton, Scope } from "../shared/dom.js";
import { writeMarked } from "../shared/marks.js";
import { keep, kept } from "../shared/memory.js";
import { component } from "../shared/mount.js";
import { Terms } from "../shared/terms.js";
import { asText, fits, NONE, order, score, told } from "./scoring.js";

/** @typedef {import("./scoring.js").Item} Item */
/** @typedef {{ items: Item[], first: string }} Data `first`: the address of the first step of the lessons */
/** @typedef {import("../shared/mount.js").Given<Data>} Given */
/** @typedef {{ before: number[], after: number[], open: number[] }} Kept `open`: of the form that is being answered */

const ANSWERS = "equiscope.concepts";
const NO_TERMS = new Terms([]); // a definition would give answers away
const FORMS = ["before", "after"];

export default component((/** @type {Given} */ given) => new ConceptTest(given));

class ConceptTest {
  /** @param {Given} given */
  constructor({ parentElement }) {
    this.scope = new Scope();
    this.ofStage = new Scope();
    /** @type {Item[]} */
    this.items = [];
    this.first = "";
    this.layout = "";
    /** @type {Partial<Kept>} */
    this.kept = {};
    this.begins = false; // whether the visitor asked for the second form
    this.root = make("section", "test");
    this.root.setAttribute("aria-label", "Concept test");
    parentElement.append(this.root);
  }

  release() {
    this.ofStage.release();
    this.scope.release();
    this.root.remove();
  }

  /** @param {Given} given */
  update({ data }) {
    const layout = JSON.stringify(data);
    if (!data || layout === this.layout) return; // what is being answered stays
    this.layout = layout;
    this.items = data.items;
    this.first = data.first;
    this.kept = kept(ANSWERS);
    this.build();
  }

  build() {
    const { before, after } = this.kept;
    this.ofStage.release();
    this.ofStage = new Scope();
    if (!fits(before, this.items, 0)) this.root.replaceChildren(...this.form(0));
    else if (fits(after, this.items, 1)) this.root.replaceChildren(...this.result(before, after));
    else this.root.replaceChildren(...(this.begins ? this.form(1) : this.between()));
  }

  /** @param {Partial<Kept>} more */
  keep(more) {
    this.kept = { ...this.kept, ...more };
    keep(ANSWERS, this.kept);
  }

  /** @param {number} which @returns {HTMLElement[]} */
  form(which) {
    const open = fits(this.kept.open, this.items, which) ? [...this.kept.open] : this.items.map(() => NONE);
    const head = marked("p", which ? "**After the lessons.** The same ideas in other words." : "**Before the lessons.** Leave open what you do not know.");
    const list = make("ol", "items");
    list.append(...this.items.map((item, k) => this.question(item, k, which, open)));
    const done = makeButton("Done", "commit");
    const count = make("span", "count");
    count.setAttribute("role", "status");
    const tell = () => (count.textContent = `${open.filter((each) => each !== NONE).length} of ${open.length} answered`);
    this.ofStage.listen(list, "change", () => {
      this.keep({ open });
      tell();
    });
    this.ofStage.listen(done, "click", () => {
      this.keep({ [FORMS[which]]: open, open: [] });
      this.begins = false;
      this.show();
    });
    tell();
    const foot = make("p", "foot");
    foot.append(done, count);
    return [head, list, foot];
  }

  /** @param {Item} item @param {number} at @param {number} which @param {number[]} open answers so far, which a choice changes */
  question(item, at, which, open) {
    const { prompt, option } = item.form[which];
    const row = make("li");
    const set = make("fieldset");
    const legend = make("legend");
    writeMarked(legend, prompt, NO_TERMS);
    set.append(legend);
    for (const place of order(prompt, option.length)) {
      const label = make("label");
      const input = make("input");
      Object.assign(input, { type: "radio", name: `item-${at}`, checked: open[at] === place });
      const text = make("span");
      writeMarked(text, option[place].text, NO_TERMS);
      label.append(input, text);
      this.ofStage.listen(input, "change", () => (open[at] = place)); // before the list hears of it
      set.append(label);
    }
    row.append(set);
    return row;
  }

  /** @returns {HTMLElement[]} */
  between() {
    const lessons = make("a", "commit", "To the first lesson");
    lessons.href = this.first;
    const begin = makeButton("I have taken the lessons: second form");
    this.ofStage.listen(begin, "click", () => {
      this.begins = true;
      this.show();
    });
    const foot = make("p", "foot");
    foot.append(lessons, begin, this.forget());
    return [marked("p", "**Kept.** Your answers are in this browser and nowhere else. Take the lessons, then come back for the second form."), foot];
  }

  /** @param {number[]} before @param {number[]} after @returns {HTMLElement[]} */
  result(before, after) {
    const list = make("ol", "items");
    list.append(
      ...this.items.map((item, k) => {
        const row = make("li");
        const link = make("a", "", item.title);
        link.href = `?lesson=${encodeURIComponent(item.lesson)}`;
        row.append(link, ...[before[k], after[k]].map((place, which) => verdict(item, which, place)));
        return row;
      }),
    );
    const copy = makeButton("Copy my answers");
    const said = make("span");
    said.setAttribute("role", "status");
    const field = make("textarea");
    Object.assign(field, { readOnly: true, hidden: true });
    field.setAttribute("aria-label", "My answers");
    this.ofStage.listen(copy, "click", async () => {
      said.textContent = await copyText(asText(this.items, before, after), field, "text");
    });
    const foot = make("p", "foot");
    foot.append(copy, this.forget(), said, field);
    return [marked("p", told(score(this.items, before, after), this.items.length), "gain"), list, foot];
  }

  forget() {
    const button = makeButton("Forget my answers", "quiet");
    this.ofStage.listen(button, "click", () => {
      this.kept = {};
      keep(ANSWERS, {});
      this.show();
    });
    return button;
  }

  show() {
    this.build();
    this.root.tabIndex = -1;
    this.root.focus({ preventScroll: true }); // what had the focus is gone
    this.root.scrollIntoView({ block: "start" });
  }
}

/** @param {"p" | "span"} tag @param {string} text @param {string} [name] class */
function marked(tag, text, name = "") {
  const element = make(tag, name);
  writeMarked(element, text, NO_TERMS);
  return element;
}

/** @param {Item} item @param {number} which @param {number} place */
function verdict(item, which, place) {
  const chosen = item.form[which].option[place];
  const said = !chosen ? "no answer" : chosen.right ? "✓ right" : `✗ the idea behind it: ${chosen.idea}`;
  return make("span", chosen?.right ? "right" : "wrong", `${FORMS[which]} ${said}`);
}
