/* The search box of the top bar: hits while typing, arrow keys to move, Enter to go, Escape to leave. */

const box = () => document.getElementById("search");
const list = () => document.getElementById("search-results");
const hits = () => [...(list()?.querySelectorAll(".search-hit") ?? [])];

function choose(index) {
  const all = hits();
  const at = all.length ? (index + all.length) % all.length : -1;
  all.forEach((hit, number) => hit.setAttribute("aria-selected", String(number === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  if (at < 0) box().removeAttribute("aria-activedescendant");
  else box().setAttribute("aria-activedescendant", all[at].id);
  box().setAttribute("aria-expanded", String(all.length > 0));
}

const chosen = () => hits().findIndex((hit) => hit.getAttribute("aria-selected") === "true");

function close() {
  list()?.replaceChildren();
  choose(-1);
  box().setAttribute("aria-expanded", "false");
}

function onKey(event) {
  if (event.target !== box()) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && hits().length) {
    const at = chosen();
    choose(at < 0 && step < 0 ? -1 : at + step);
    event.preventDefault();
  } else if (event.key === "Enter" && chosen() >= 0) {
    hits()[chosen()].click();
    event.preventDefault();
  } else if (event.key === "Escape") {
    close();
  }
}

export function startSearch() {
  if (!box() || !list()) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "search-results") return;
    if (document.activeElement === box()) box().setAttribute("aria-expanded", String(hits().length > 0));
    else close();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) close();
  });
}
