/* The page of an account: keys for the composer, copied ids, and a judgement that closes by itself. */

import { bind, onLog } from "./keys.js";
import { say } from "./toast.js";

function write(kind) {
  const tab = document.querySelector(`[data-composer="${kind}"]`);
  if (!tab) return false;
  tab.checked = true;
  document.getElementById("composer").scrollIntoView({ block: "nearest" });
  document.getElementById(kind === "note" ? "note_text" : "log_subject").focus();
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

/* On a phone the panels are folded; each opens by its heading, and by a link that leads to it. */
function fold() {
  if (!matchMedia("(max-width: 40rem)").matches) return;
  for (const panel of document.querySelectorAll(".fold")) panel.open = Boolean(location.hash && panel.querySelector(location.hash));
  document.addEventListener("click", (event) => {
    const name = event.target.closest(".account-jump a")?.getAttribute("href");
    const panel = name && document.querySelector(name)?.closest(".fold");
    if (panel) panel.open = true;
  });
}

function start() {
  fold();
  const group = { group: "Account" };
  if (document.querySelector("[data-composer]")) {
    bind("l", "Log a call", () => write("call"), group);
    bind("m", "Log an email", () => write("email"), group);
    bind("w", "Write a note", () => write("note"), group);
    onLog(write);
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
