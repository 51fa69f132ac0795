/* Messages at the foot of the page: read out, leave by themselves unless they are errors or hold the focus. */

const STAY = { success: 6000, info: 6000, warning: 10000 };
const STAY_WITH_UNDO = 15000;

function schedule(toast) {
  toast.dataset.timed = "";
  const base = STAY[toast.dataset.toast];
  if (!base) return;
  const wait = toast.querySelector("form") ? STAY_WITH_UNDO : base;
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000);
    else toast.remove();
  };
  setTimeout(leave, wait);
}

function scheduleNew() {
  for (const toast of document.querySelectorAll(".toast:not([data-timed])")) schedule(toast);
}

/** Say something that happened in the browser. level: info, success, warning, error. */
export function say(text, level = "info") {
  const region = document.getElementById("messages");
  if (!region) return;
  const toast = document.createElement("div");
  toast.className = `toast toast-${level}`;
  toast.dataset.toast = level;
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "btn btn-sm";
  dismiss.dataset.dismiss = "";
  dismiss.textContent = "Dismiss";
  toast.append(words, dismiss);
  region.append(toast);
}

function failure(status) {
  if (status === 403) return "Your role may read this, not change it.";
  if (status === 404) return "That is no longer here. Reload the page.";
  if (status === 413) return "That file is too large.";
  if (status === 429) return "Too many requests. Wait a moment, then try again.";
  return "The server could not do that. Nothing was changed; try again.";
}

export function startToasts() {
  const region = document.getElementById("messages");
  if (!region) return;
  new MutationObserver(scheduleNew).observe(region, { childList: true });
  scheduleNew();
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast, .notice")?.remove();
  });
  document.addEventListener("htmx:responseError", (event) => say(failure(event.detail.xhr.status), "error"));
  document.addEventListener("htmx:sendError", () => say("No connection to the server. What you typed is still here.", "error"));
}
