// Bundles every component into assets/components/, or, with --check, says which bundles are not what the sources give.
//
// A component is a folder <name>/ with <name>.js, and <name>.css if it has a style; so a new one needs no line here.

import { readdirSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const BUILT = join(HERE, "..", "assets", "components");
const TARGET = ["chrome110", "firefox115", "safari16.4"];

/** @returns {string[]} the names of the components */
function components() {
  return readdirSync(HERE).filter((name) => existsSync(join(HERE, name, `${name}.js`))).sort();
}

/**
 * @param {string} name of a component
 * @returns {Promise<Map<string, string>>} name of each built file → its text
 */
async function bundle(name) {
  const files = new Map();
  const banner = `/* Built from components/${name} by \`make components\`. */`; // two lines: Streamlit takes one for a path
  for (const kind of ["js", "css"]) {
    const source = join(HERE, name, `${name}.${kind}`);
    if (!existsSync(source)) continue;
    const { outputFiles } = await build({
      entryPoints: [source], bundle: true, minify: true, format: "esm", target: TARGET, charset: "utf8",
      banner: { [kind]: banner }, write: false, logLevel: "warning",
    });
    files.set(`${name}.${kind}`, outputFiles[0].text);
  }
  return files;
}

const checking = process.argv.includes("--check");
const built = new Map((await Promise.all(components().map(bundle))).flatMap((files) => [...files]));
const here = existsSync(BUILT) ? readdirSync(BUILT) : [];
const read = (name) => readFileSync(join(BUILT, name), "utf8");
const stale = [...built].filter(([name, text]) => !here.includes(name) || read(name) !== text).map(([name]) => name);
const orphans = here.filter((name) => !built.has(name));
if (checking && (stale.length || orphans.length)) {
  const found = [...stale, ...orphans].join(", ");
  console.error(`assets/components: not what components/ gives: ${found}. Run \`make components\` and commit the result.`);
  process.exit(1);
}
if (!checking) {
  mkdirSync(BUILT, { recursive: true });
  for (const name of stale) writeFileSync(join(BUILT, name), built.get(name));
  for (const name of orphans) console.warn(`assets/components/${name} belongs to no component; remove it.`);
}
