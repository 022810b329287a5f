// @ts-check
// What Streamlit calls, and how often: the default export of a component runs again after every run of the script, for
// the same parent, and returns a function that lets go of everything.
//
// Streamlit calls that function when the component is removed; but also for a call that a newer one overtook while the
// module was loading. So only the release of the newest call counts, and a call after it begins anew.

/**
 * @template D
 * @typedef {object} Given what Streamlit hands to a component
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {D | undefined} data
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * @template D
 * @typedef {object} Mounted one component on the page
 * @property {(given: Given<D>) => void} update
 * @property {() => void} release removes its listeners, and what it added to its parent
 */

/**
 * The default export of a component.
 * @template D
 * @param {(given: Given<D>) => Mounted<D>} make
 * @returns {(given: Given<D>) => () => void}
 */
export function component(make) {
  /** @type {WeakMap<object, { mounted: Mounted<D>, calls: number }>} */
  const all = new WeakMap();
  return (given) => {
    const parent = given.parentElement;
    const known = all.get(parent) ?? { mounted: make(given), calls: 0 };
    all.set(parent, known);
    known.calls += 1;
    const call = known.calls;
    known.mounted.update(given);
    return () => {
      if (known.calls !== call || all.get(parent) !== known) return;
      all.delete(parent);
      known.mounted.release();
    };
  };
}
