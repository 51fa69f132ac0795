/* The renewal board by keyboard: j and k within a month, arrows between months, one key opens what can be done. */

import { bind } from "./keys.js";

const cards = () => [...document.querySelectorAll(".renewal-card")];
const drawer = () => document.getElementById("renewal");
let chosen = "";

const selected = () => document.getElementById(chosen) ?? null;

function mark(card, { focus = true } = {}) {
  if (!card) return false;
  for (const each of document.querySelectorAll(".renewal-card.is-selected")) each.classList.remove("is-selected");
  card.classList.add("is-selected");
  chosen = card.id;
  if (focus) {
    card.querySelector(".renewal-open").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  return true;
}

function step(by) {
  const all = cards();
  const at = all.indexOf(selected());
  return mark(all[at < 0 ? 0 : Math.max(0, Math.min(at + by, all.length - 1))]);
}

function across(by) {
  const columns = [...document.querySelectorAll(".renewal-column")].filter((column) => column.querySelector(".renewal-card"));
  const card = selected();
  const at = columns.indexOf(card?.closest(".renewal-column"));
  const next = columns[at < 0 ? 0 : at + by];
  if (!next) return false;
  const place = card ? [...card.parentElement.children].indexOf(card) : 0;
  const there = [...next.querySelectorAll(".renewal-card")];
  return mark(there[Math.min(Math.max(place, 0), there.length - 1)]);
}

let field = "";

function open(name) {
  const card = selected();
  if (!card) return step(0);
  if (drawer()?.dataset.of === card.dataset.card) return reach(name);
  field = name;
  const link = card.querySelector(".renewal-open");
  globalThis.htmx.ajax("GET", link.getAttribute("hx-get"), { target: "#renewal", swap: "outerHTML", source: link });
  return true;
}

function reach(name) {
  const input = drawer()?.querySelector(`[name="${name}"]`) ?? drawer()?.querySelector("select, a");
  input?.focus();
  input?.select?.();
  return Boolean(input);
}

function shut() {
  const panel = drawer();
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  delete panel.dataset.of;
  panel.replaceChildren();
  mark(selected());
  return true;
}

function leave(what) {
  const address = selected()?.dataset[what];
  if (!address) return false;
  location.assign(address);
  return true;
}

function start() {
  const group = { group: "Renewals" };
  bind("j", "Next renewal", () => step(1), group);
  bind("k", "Previous renewal", () => step(-1), group);
  bind("ArrowDown", "", () => (selected() ? step(1) : false), { always: true });
  bind("ArrowUp", "", () => (selected() ? step(-1) : false), { always: true });
  bind("ArrowRight", "", () => (selected() ? across(1) : false), { always: true });
  bind("ArrowLeft", "", () => (selected() ? across(-1) : false), { always: true });
  bind("h", "Month before", () => across(-1), group);
  bind("l", "Month after", () => across(1), group);
  bind("e", "Stage", () => open("stage"), group);
  bind("p", "Probability", () => open("probability"), group);
  bind("d", "Who decides", () => open("decider"), group);
  bind("o", "Open the account", () => leave("account"), group);
  bind("c", "Close the renewal", () => leave("close"), group);
  document.addEventListener("click", (event) => {
    const card = event.target.closest(".renewal-card");
    if (card) mark(card, { focus: false });
    if (event.target.closest("[data-close-renewal]") && shut()) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".renewal-open")) mark(event.target.closest(".renewal-card"), { focus: false });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shut()) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    selected()?.classList.add("is-selected");
    if (event.target.id !== "renewal") return;
    if (event.detail.requestConfig?.verb === "post" && !drawer().querySelector(".errorlist")) mark(selected());
    else reach(field || "stage");
    field = "";
  });
}

start();
