// @ts-check
// A figure in a file of its own, which needs no server: the maps or the bench under their handles, as on the page.

import scaleAxis from "../scale_axis/scale_axis.js";
import { find } from "../shared/dom.js";
import stackData from "../stack_data/stack_data.js";
import stackViewer from "../stack_viewer/stack_viewer.js";

/** @typedef {{ figure: "viewer" | "scale_axis", data: any, stacks: any[] }} Told as components.standalone writes it */

const figure = find(document, "#figure", HTMLElement);
/** @type {Told} */
const told = JSON.parse(find(document, "#told", HTMLElement).textContent ?? "");
const nobody = () => {}; // hears of a handle that was released
const given = { parentElement: figure, setStateValue: nobody, setTriggerValue: nobody };

stackData({ ...given, data: { stacks: told.stacks } });
if (told.figure === "viewer") stackViewer({ ...given, data: told.data });
else scaleAxis({ ...given, data: told.data });
