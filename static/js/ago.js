/* <time data-ago datetime="..."> says how long ago, and keeps saying it. Without scripts it shows the exact time. */

const UNITS = [[60, "s"], [60, "min"], [24, "h"], [Infinity, "d"]];

export function ago(seconds) {
  let amount = Math.max(0, Math.round(seconds));
  for (const [size, unit] of UNITS) {
    if (amount < size) return `${amount} ${unit} ago`;
    amount = Math.floor(amount / size);
  }
  return "";
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    time.title ||= time.textContent.trim();
    const words = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== words) time.textContent = words;
  }
}

export function startAgo() {
  refresh();
  setInterval(refresh, 5000);
  document.addEventListener("htmx:afterSettle", refresh);
}
