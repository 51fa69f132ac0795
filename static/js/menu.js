/* Menus are <details class="menu">: they open without scripts. Here: close outside, Escape, arrow keys. */

const OPEN = "details.menu[open]";

function itemsOf(menu) {
  return [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent);
}

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

function onKey(event) {
  const menu = event.target.closest?.("details.menu");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    close(menu, { refocus: true });
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  menu.open = true;
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement);
  items.at((at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length)?.focus();
  event.preventDefault();
}

export function openMenu(id) {
  const menu = document.getElementById(id);
  if (!menu) return false;
  menu.open = true;
  (itemsOf(menu)[0] ?? menu.querySelector("summary")).focus();
  return true;
}

export function startMenus() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(OPEN)) {
      const item = event.target.closest(".menu-item");
      if (!menu.contains(event.target) || item) close(menu);
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(event.target)) close(menu);
  });
}
