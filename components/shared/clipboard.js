// @ts-check
// A text to the clipboard, or to a field from which it can be copied by hand.

/**
 * @param {string} text
 * @param {HTMLInputElement | HTMLTextAreaElement} field shown where there is no clipboard: an old browser, plain http, or
 *   not allowed
 * @param {string} what the text is, in a word
 * @returns {Promise<string>} what to say of it
 */
export async function copyText(text, field, what) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    field.value = text;
    field.hidden = false;
    field.focus();
    field.select();
    return `Copy the selected ${what}`;
  }
}
