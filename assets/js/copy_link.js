// The button that copies the address of the view. Being on every page, it also does what Streamlit leaves out so that
// the address stays true: a move of a control is no step of the browser's history, and a tab whose server was gone
// asks for a run as soon as it is back.

const buttons = new WeakMap();
const APP = "[data-testid=stApp]";
const CONNECTION = "data-test-connection-state";
const MOVED = "equiscope-address"; // the event that says that the address is another one

export default function ({ parentElement, setTriggerValue }) {
  keepMovesOutOfHistory();
  let button = buttons.get(parentElement);
  if (!button) {
    button = makeButton(parentElement);
    buttons.set(parentElement, button);
  }
  button.update(() => setTriggerValue("returned", true));
  return button.release;
}

function makeButton(root) {
  const [copy, said, field] = ["#copy", "#said", "#field"].map((id) => root.querySelector(id));
  let askForRun = () => {};
  let copied = null;

  const report = (sentence) => {
    said.textContent = sentence;
    copied = location.href;
  };
  const forget = () => {
    said.textContent = "";
    field.hidden = true;
  };
  const forgetAnother = () => {
    if (location.href !== copied) forget();
  };
  copy.onclick = async () => {
    forget(); // so that a second "Copied" is a change, and read out again
    try {
      await navigator.clipboard.writeText(location.href);
      report("Copied");
    } catch {
      field.value = location.href; // no clipboard: an old browser, plain http, or not allowed
      field.hidden = false;
      field.focus();
      field.select();
      report("Copy the selected link");
    }
  };

  let watcher = null;
  return {
    update(ask) {
      askForRun = ask;
      watcher ??= watchConnection(() => askForRun());
      window.addEventListener(MOVED, forgetAnother); // once, however often it is asked for
    },
    release() {
      window.removeEventListener(MOVED, forgetAnother);
      watcher?.disconnect();
      watcher = null;
    },
  };
}

// Streamlit adds an entry to the history whenever the parameters of the URL change. Only another page deserves one.
function keepMovesOutOfHistory() {
  if (Object.hasOwn(history, "pushState")) return;
  history.pushState = (state, unused, url) => {
    const samePage = new URL(url ?? "", location.href).pathname === location.pathname;
    const method = samePage ? "replaceState" : "pushState";
    History.prototype[method].call(history, state, unused, url);
    window.dispatchEvent(new Event(MOVED));
  };
}

// A server that was started again knows nothing of this tab, and Streamlit waits for the visitor's next move, which
// would then be lost: the new session begins with what the address says.
function watchConnection(onReturn) {
  const app = document.querySelector(APP);
  if (!app) return null;
  const isConnected = () => app.getAttribute(CONNECTION) === "CONNECTED";
  let connected = isConnected();
  const observer = new MutationObserver(() => {
    const now = isConnected();
    if (now && !connected) onReturn();
    connected = now;
  });
  observer.observe(app, { attributes: true, attributeFilter: [CONNECTION] });
  return observer;
}
