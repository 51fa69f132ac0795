/* A copy that is filled in: keys to walk its questions and to confirm what is prefilled. Saving is htmx's. */

import { bind } from "./keys.js";

let last = "";
let confirmed = "";

const questions = () => [...document.querySelectorAll("#sheet [data-question]")].filter((one) => one.offsetParent);
const current = () => document.activeElement?.closest?.("[data-question]") ?? (last && document.getElementById(last));
const sectionOf = () => current()?.closest("[data-section]") ?? document.activeElement?.closest?.("[data-section]") ?? document.querySelector("#sheet [data-section]");

function show(question) {
  question.focus({ preventScroll: true });
  question.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = questions();
  if (!all.length) return false;
  const at = all.indexOf(current());
  show(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  return true;
}

function edit() {
  const question = document.activeElement?.matches?.("[data-question]") && document.activeElement;
  const input = question && question.querySelector("input:not([type=hidden]), select, textarea");
  if (!input) return false;
  input.focus();
  return true;
}

function confirmOne() {
  const button = current()?.querySelector("[data-confirm]");
  if (!button) return false;
  button.click();
  step(1);
  return true;
}

function confirmSection() {
  const section = sectionOf();
  const button = section?.querySelector("[data-confirm-section]");
  if (!button) return false;
  confirmed = section.id;
  button.click();
  return true;
}

function fold() {
  const section = sectionOf();
  if (!section) return false;
  section.open = !section.open;
  if (!section.open) section.querySelector("summary").focus();
  return true;
}

/* After a section was confirmed the page is drawn anew: go on where there is something left to do. */
function goOn() {
  if (!confirmed) return;
  const section = document.getElementById(confirmed);
  confirmed = "";
  const open = questions().find((one) => section?.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && one.querySelector("[data-confirm]"));
  if (open) show(open);
  else section?.querySelector("summary").focus();
}

function start() {
  const group = { group: "Questionnaire" };
  bind("j", "Next question", () => step(1), group);
  bind("k", "Question before", () => step(-1), group);
  bind("Enter", "Answer the question", edit, group);
  bind("y", "Confirm the prefilled answer", confirmOne, group);
  bind("Y", "Confirm the section", confirmSection, group);
  bind("o", "Fold or unfold the section", fold, group);
  document.addEventListener("focusin", (event) => {
    const question = event.target.closest("[data-question]");
    if (question) last = question.id;
  });
  document.addEventListener("htmx:afterSettle", goOn);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("[data-sheet]")?.requestSubmit();
  });
}

start();
