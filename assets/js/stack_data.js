// Receives a stack of maps and keeps it for the viewers of this page; draws nothing itself.
// A component of its own, so that a move of the handle does not send the maps again.

const KEPT = 24;  // stacks; the oldest goes first

export default function ({ data }) {
  const stacks = (globalThis.equiscopeStacks ??= new Map());
  if (!data) return;
  for (const stack of data.stacks) {
    if (stacks.has(stack.name)) {
      const known = stacks.get(stack.name);
      stacks.delete(stack.name);  // the youngest again
      stacks.set(stack.name, known);
      continue;
    }
    stacks.set(stack.name, null);
    unpack(stack).then((planes) => {
      stacks.set(stack.name, planes);
      while (stacks.size > KEPT) stacks.delete(stacks.keys().next().value);
      dispatchEvent(new CustomEvent("equiscope-stack", { detail: stack.name }));
    });
  }
}

async function unpack({ planes, levels }) {
  const packed = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 0;
  return planes.map((plane) => ({
    ...plane,
    frames: plane.sizes.map(([h, w]) => bytes.subarray(at, (at += h * w))),
  }));
}
