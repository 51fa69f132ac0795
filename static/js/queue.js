/* The queue by keyboard: j and k move, the brief follows, one key opens each action. Everything works without it. */

import { bind, onLog } from "./keys.js";
import { say } from "./toast.js";

const WAIT = 110;
const wide = matchMedia("(min-width: 64.01rem)");
let at = 0;
let timer = 0;

const board = () => document.getElementById("board");
const rows = () => [...document.querySelectorAll(".row")];
const drawer = () => document.getElementById("drawer");

function mark(index, { scroll = true } = {}) {
  const all = rows();
  if (!all.length) return null;
  at = Math.max(0, Math.min(index, all.length - 1));
  for (const row of all) {
    const here = row === all[at];
    row.classList.toggle("is-selected", here);
    const link = row.querySelector(".row-title");
    if (here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (scroll) all[at].scrollIntoView({ block: "nearest" });
  return all[at];
}

/* Asked of htmx directly: a click in the instant before it has bound a fresh row would leave the page. */
function brief(row, wait = WAIT) {
  const link = row?.querySelector(".row-title");
  if (!link || drawer()?.dataset.task === row.dataset.task) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!link.isConnected) return;
    globalThis.htmx.ajax("GET", link.getAttribute("hx-get"), { target: "#drawer", swap: "outerHTML", source: link });
  }, wait);
}

function move(step) {
  const row = mark(at + step);
  if (!row) return false;
  row.querySelector(".row-title").focus({ preventScroll: true });
  if (wide.matches) brief(row);
  return true;
}

function open() {
  const row = rows()[at];
  if (!row) return false;
  if (wide.matches && drawer()?.dataset.task === row.dataset.task) drawer().querySelector("[data-open-account]")?.click();
  else brief(row, 0);
  return true;
}

/* An action may be asked for before its brief has arrived: it opens when it does. */
let wanted = "";

function act(name) {
  const row = rows()[at];
  if (!row) return false;
  if (drawer()?.dataset.task === row.dataset.task) return reveal(name);
  wanted = name;
  brief(row, 0);
  return true;
}

function reveal(name) {
  const panel = drawer().querySelector(`[data-act="${name}"]`);
  if (!panel) return false;
  panel.open = true;
  panel.scrollIntoView({ block: "nearest" });
  panel.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  return true;
}

function undo() {
  globalThis.htmx.ajax("POST", board().dataset.undo, {
    target: "#board",
    swap: "outerHTML",
    values: { back: board().dataset.back },
    headers: { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
  });
}

function closeSheet() {
  const panel = drawer();
  if (!panel?.classList.contains("drawer-filled")) return false;
  const openAct = panel.querySelector(".act[open]");
  if (openAct) {
    openAct.open = false;
    rows()[at]?.querySelector(".row-title").focus();
    return true;
  }
  if (wide.matches) return false;
  panel.classList.remove("drawer-filled");
  delete panel.dataset.task;
  rows()[at]?.querySelector(".row-title").focus();
  return true;
}

/* After an answer: keep the place. What was acted on is gone, so the next task stands where it stood. */
function settle(event) {
  const id = event.detail?.target?.id ?? event.target?.id;
  if (id !== "board" && id !== "drawer") return;
  const shown = drawer()?.dataset.task;
  const index = rows().findIndex((row) => row.dataset.task === shown);
  const row = mark(index >= 0 ? index : at, { scroll: false });
  if (id === "board" && row && index < 0) {
    row.querySelector(".row-title").focus({ preventScroll: true });
    if (wide.matches) brief(row);
  }
  if (id === "drawer" && wanted) {
    reveal(wanted);
    wanted = "";
  } else if (id === "board" && index >= 0 && !drawer().querySelector(".act[open]")) {
    row?.querySelector(".row-title").focus({ preventScroll: true });
  }
}

function start() {
  if (!board()) return;
  const group = { group: "Queue" };
  bind("j", "Next task", () => move(1), group);
  bind("k", "Previous task", () => move(-1), group);
  bind("ArrowDown", "", () => move(1), { always: true });
  bind("ArrowUp", "", () => move(-1), { always: true });
  bind("Enter", "Open the account", () => (document.activeElement?.matches(".row-title, body") ? open() : false), group);
  bind("o", "Open the account", () => open(), { group: "Queue" });
  bind("e", "Complete", () => act("complete"), group);
  bind("l", "Log a call", () => act("call"), group);
  bind("m", "Log an email", () => act("email"), group);
  bind("w", "Write a note", () => act("note"), group);
  onLog((kind) => kind !== "chat" && act(kind));
  bind("s", "Snooze", () => act("snooze"), group);
  bind("h", "Hand over", () => act("hand_over"), group);
  bind("z", "Undo", () => undo(), group);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && closeSheet()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-drawer]") && closeSheet()) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", settle);
  document.addEventListener("htmx:timeout", () => say("The server takes too long. Nothing was changed.", "error"));
  const chosen = rows().findIndex((row) => row.classList.contains("is-selected"));
  const row = mark(Math.max(chosen, 0), { scroll: chosen > 0 });
  if (row && wide.matches && chosen < 0) brief(row);
}

start();
