/* Choosing from a list while typing: the arrow keys walk from the field into the list, Enter takes the first. */

const field = () => document.querySelector(".pick [type=search]");
const links = () => [...document.querySelectorAll(".pick-one")];

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = links();
  if (step && all.length) {
    const at = all.indexOf(document.activeElement) + step;
    if (at < 0) field().focus();
    else all[Math.min(at, all.length - 1)].focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target === field() && all.length && !document.querySelector(".pick.htmx-request")) {
    event.preventDefault();
    all[0].click();
  }
});

// A field that the browser put the cursor into keeps it at the end of what stands there.
field()?.focus();
