/* The keyboard: bindings, two-key sequences ("g q"), and the help that is drawn from what is bound. */

import { openMenu } from "./menu.js";

const bindings = [];
const PAUSE = 1200;
const OFF = "keys-off";
let pending = "";
let timer = 0;

/** bind("g q", "Queue", fn, { group, always }). fn may return false: the key then keeps its usual meaning. */
export function bind(keys, label, run, { group = "Anywhere", always = false } = {}) {
  bindings.push({ keys, label, run, group, always });
}

const isTyping = (node) => Boolean(node?.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]"));
const isOff = () => localStorage.getItem(OFF) === "1";

const hasNext = (keys) => bindings.some((binding) => binding.keys === keys);

function forget() {
  clearTimeout(timer);
  pending = "";
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  // While the Add menu stands open, the keys of its items go on from the key that opened it.
  if (document.querySelector("#add-menu[open]") && hasNext(`n ${event.key}`)) pending = "n";
  const typed = pending ? `${pending} ${event.key}` : event.key;
  forget();
  const hit = bindings.find((binding) => binding.keys === typed && (binding.always || !isOff()));
  if (hit) {
    if (hit.run(event) !== false) event.preventDefault();
  } else if (!isOff() && bindings.some((binding) => binding.keys.startsWith(`${typed} `))) {
    pending = typed;
    timer = setTimeout(forget, PAUSE);
    event.preventDefault();
  }
}

function row({ keys, label }) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = label;
  const caps = document.createElement("dd");
  for (const key of keys.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" }[key] ?? key;
    caps.append(cap);
  }
  line.append(term, caps);
  return line;
}

export function showKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const groups = Map.groupBy ? Map.groupBy(bindings, (b) => b.group) : bindings.reduce((map, b) => map.set(b.group, [...(map.get(b.group) ?? []), b]), new Map());
  dialog.querySelector("[data-keys]").replaceChildren(
    ...[...groups].map(([name, list]) => {
      const section = document.createElement("section");
      section.className = "keys-group";
      const heading = document.createElement("h3");
      heading.textContent = name;
      const terms = document.createElement("dl");
      terms.append(...list.filter((b) => b.label).map(row));
      section.append(heading, terms);
      return section;
    }),
  );
  dialog.querySelector("[data-keys-switch]").checked = !isOff();
  dialog.showModal();
}

function bindPlaces() {
  const places = { q: "Queue", a: "Accounts", r: "Renewals", i: "Imports", p: "Playbooks", t: "Team", s: "Settings" };
  for (const [key, name] of Object.entries(places)) {
    const link = [...document.querySelectorAll(".rail-link")].find((a) => a.textContent.trim() === name);
    if (link) bind(`g ${key}`, name, () => link.click(), { group: "Go to" });
  }
}

/* What the Add menu holds, by a second key: "n l" logs a call. A page may take a key for itself: see onLog. */
function bindAdditions() {
  for (const item of document.querySelectorAll("#add-menu [data-then]")) {
    const label = item.querySelector(".truncate")?.textContent.trim() ?? "";
    bind(`n ${item.dataset.then}`, label, () => item.click(), { group: "Add" });
  }
}

/** onLog(fn): the page logs a kind where it stands; fn(kind) returns whether it could. Else the link is followed. */
export function onLog(run) {
  document.addEventListener("click", (event) => {
    const item = event.target.closest("#add-menu [data-log]");
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    document.getElementById("add-menu").open = false;
    if (run(item.dataset.log)) event.preventDefault();
  });
}

export function startKeys() {
  bind("/", "Search", () => {
    const field = document.getElementById("search");
    field?.focus();
    field?.select();
  });
  if (document.getElementById("add-menu")) bind("n", "Add", () => openMenu("add-menu"));
  bindAdditions();
  bind("?", "These keys", showKeys, { always: true });
  bindPlaces();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-open="keys"]')) showKeys();
    if (event.target.matches("dialog[open]")) event.target.close();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) localStorage.setItem(OFF, event.target.checked ? "0" : "1");
  });
  // Ctrl or Command with Enter sends the form one is writing in.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
  });
}
