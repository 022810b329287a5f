// @ts-check
// Where a box stands beside a line of text.

const GAP = 4; // CSS pixels between them
const EDGE = 8; // and to the edge of the window

/**
 * Below the line, or above it where there is no room below; never beyond the window.
 * @param {{ left: number, top: number, bottom: number }} line
 * @param {{ width: number, height: number }} box
 * @param {{ clientWidth: number, clientHeight: number }} within
 */
export function placeBeside(line, { width, height }, { clientWidth, clientHeight }) {
  const left = Math.max(EDGE, Math.min(line.left, clientWidth - width - EDGE));
  const below = line.bottom + GAP;
  const fits = below + height <= clientHeight - EDGE || line.top - GAP - height < EDGE;
  return { left, top: fits ? below : line.top - GAP - height };
}
