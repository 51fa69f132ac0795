/* The list of accounts by keyboard: j and k move from row to row, l logs a call with the account one stands on. */

import { bind } from "./keys.js";

const links = () => [...document.querySelectorAll(".account-table tbody th a")];
const here = () => document.activeElement?.closest?.(".account-table tbody tr")?.querySelector("th a");

function move(step) {
  const all = links();
  if (!all.length) return false;
  const at = all.indexOf(here()) + step;
  all[Math.max(0, Math.min(at, all.length - 1))].focus();
  return true;
}

function log(kind) {
  const link = here();
  if (!link || !/\/accounts\/[0-9a-f-]{36}\/$/.test(link.pathname)) return false;
  location.assign(`${link.pathname}?log=${kind}`);
  return true;
}

const group = { group: "Accounts" };
bind("j", "Next account", () => move(1), group);
bind("k", "Previous account", () => move(-1), group);
bind("l", "Log a call with it", () => log("call"), group);
bind("w", "Write a note on it", () => log("note"), group);
