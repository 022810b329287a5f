// @ts-check
// The letters of the page, to be carried along: an SVG that only names a font has other letters elsewhere, and a picture
// drawn from an SVG sees no font of the page at all.

export const FAMILY = "Source Sans"; // as .streamlit/config.toml leaves it
/** Where the carried font is not read, those that are nearest in width come first. */
export const FONT = `"${FAMILY}", "Source Sans 3", "Source Sans Pro", "Helvetica Neue", Arial, "Liberation Sans", sans-serif`;

/** @type {Promise<string> | undefined} */
let rule;

/** @returns {Promise<string>} a rule of a style sheet with the font in it; empty if the page has it not */
export function carriedFont() {
  return (rule ??= carried().catch(() => ""));
}

async function carried() {
  const source = addressOfFont();
  if (!source) return "";
  const answer = await fetch(source);
  const font = await read(await answer.blob());
  return `@font-face { font-family: "${FAMILY}"; font-weight: 200 900; src: url("${font}") format("woff2"); }`;
}

/** @returns {string} empty if no style sheet of the page knows it */
function addressOfFont() {
  for (const sheet of document.styleSheets)
    for (const each of rulesOf(sheet)) {
      if (!(each instanceof CSSFontFaceRule) || each.style.getPropertyValue("font-style") === "italic") continue;
      const address = /url\("?([^")]+)"?\)/.exec(each.style.getPropertyValue("src"));
      if (address && each.style.getPropertyValue("font-family").includes(FAMILY))
        return new URL(address[1], sheet.href ?? location.href).href;
    }
  return "";
}

/** @param {CSSStyleSheet} sheet @returns {Iterable<CSSRule>} none of one that is still loading, or from elsewhere */
function rulesOf(sheet) {
  try {
    return sheet.cssRules;
  } catch {
    return [];
  }
}

/** @param {Blob} blob @returns {Promise<string>} as an address that holds it */
function read(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^;,]*/, "data:font/woff2"));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
