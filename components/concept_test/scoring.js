// @ts-check
// What a concept test tells: core.lessons.concept_test counts in the same way, and a test holds both together.

/** @typedef {{ text: string, right: boolean, idea: string }} Choice as core.lessons.concept_test.Choice */
/** @typedef {{ prompt: string, option: Choice[] }} Form */
/** @typedef {{ lesson: string, title: string, form: [Form, Form] }} Item */

export const NONE = -1; // the place of an answer that was not given

/**
 * @param {Item[]} items @param {number[]} before @param {number[]} after places of the chosen options
 * @returns {{ before: number, after: number, gain: number | null }} right ones, and the normalised gain
 */
export function score(items, before, after) {
  const [first, second] = [before, after].map((answers, form) => items.filter((item, k) => item.form[form].option[answers[k]]?.right).length);
  const unknown = items.length - first;
  return { before: first, after: second, gain: unknown ? (second - first) / unknown : null };
}

/**
 * Whether answers can be those of this test.
 * @param {unknown} answers @param {Item[]} items @param {number} form
 * @returns {answers is number[]}
 */
export function fits(answers, items, form) {
  return (
    Array.isArray(answers) && answers.length === items.length &&
    answers.every((each, k) => Number.isInteger(each) && each >= NONE && each < items[k].form[form].option.length)
  );
}

/**
 * The order in which options stand: always the same for a question, and without regard to which is right.
 * @param {string} prompt @param {number} count
 */
export function order(prompt, count) {
  const weights = Array.from({ length: count }, (_, k) => mixed(`${prompt}${k}`));
  return weights.map((_, k) => k).sort((a, b) => weights[a] - weights[b]);
}

/** A number from 0 to 2³² that says nothing of its text: FNV-1a, and the last steps of MurmurHash3. @param {string} text */
function mixed(text) {
  let hash = 2166136261;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** @param {ReturnType<typeof score>} found @param {number} count of items */
export function told({ before, after, gain }, count) {
  const counts = `Before: **${before} of ${count}** right. After: **${after} of ${count}**.`;
  if (gain === null) return `${counts} You had nothing to gain: all was right before.`;
  const share = gain.toFixed(2).replace("-", "−");
  return `${counts} Normalised gain: **${share}**, the share of what was not right before that was gained; 1 is all of it.`;
}

/** Both forms as lines for a teacher, without a name. @param {Item[]} items @param {number[]} before @param {number[]} after */
export function asText(items, before, after) {
  const of = (/** @type {Item} */ item, /** @type {number} */ form, /** @type {number} */ place) => {
    const chosen = item.form[form].option[place];
    return chosen ? (chosen.right ? "right" : `not right (${chosen.idea})`) : "no answer";
  };
  return [
    "My concept test in Equiscope",
    ...items.map((item, k) => `${k + 1}. ${item.title}: before ${of(item, 0, before[k])}, after ${of(item, 1, after[k])}`),
    told(score(items, before, after), items.length).replaceAll("*", ""),
  ].join("\n");
}
