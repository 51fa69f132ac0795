/* The page of an account: keys for the composer, copied ids, and a judgement that closes by itself. */

import { bind } from "./keys.js";
import { say } from "./toast.js";

function write(kind) {
  const tab = document.querySelector(`[data-composer="${kind}"]`);
  if (!tab) return false;
  tab.checked = true;
  const form = document.querySelector(`.composer-form[data-kind="${kind}"]`);
  form.scrollIntoView({ block: "nearest" });
  (kind === "note" ? form.querySelector("textarea") : form.querySelector("[name=subject]")).focus();
  return true;
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(`Copied ${button.dataset.copy}`, "success");
  } catch {
    say("The browser did not allow copying. Select the id and copy it.", "warning");
  }
}

function start() {
  const group = { group: "Account" };
  if (document.querySelector("[data-composer]")) {
    bind("l", "Log a call", () => write("call"), group);
    bind("m", "Log an email", () => write("email"), group);
    bind("w", "Write a note", () => write("note"), group);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const judge = document.querySelector(".judge[open]");
    if (judge && !judge.contains(event.target)) judge.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const judge = event.key === "Escape" && document.querySelector(".judge[open]");
    if (!judge) return;
    judge.open = false;
    judge.querySelector("summary").focus();
  });
}

start();
