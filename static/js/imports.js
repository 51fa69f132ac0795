/* Imports: the drop zone, corrections that are picked or typed, and where the focus goes when the page moves on. */

import { bind } from "./keys.js";

const MEGABYTE = 1024 * 1024;

/* A file dropped on the frame lands in the file field, which does everything else by itself. */
for (const zone of document.querySelectorAll("[data-drop]")) {
  const field = zone.querySelector("input[type=file]");
  const said = zone.querySelector("[data-dropped]");
  const over = (inside) => zone.classList.toggle("is-over", inside);
  const tell = () => {
    const [file] = field.files;
    said.textContent = file ? `${file.name}, ${file.size < MEGABYTE ? `${Math.ceil(file.size / 1024)} KB` : `${(file.size / MEGABYTE).toFixed(1)} MB`}` : "";
  };
  field.addEventListener("change", tell);
  // A file that misses the frame must not replace the page.
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  zone.addEventListener("dragover", () => over(true));
  zone.addEventListener("dragleave", () => over(false));
  zone.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    tell();
    field.form.querySelector("[type=submit]").focus();
  });
}

/* What is typed and what is picked exclude each other; the button says how many values are corrected. */
function count(form) {
  const ready = [...form.querySelectorAll(".fix-how")].filter((how) => {
    const picked = how.querySelector("input[type=radio]:checked");
    return (picked && picked.value !== "none") || how.querySelector(".fix-box").value.trim();
  }).length;
  form.querySelector("[data-ready]").textContent = ready ? ` (${ready})` : "";
}

document.addEventListener("input", (event) => {
  const how = event.target.closest(".fix-how");
  if (!how) return;
  if (event.target.matches(".fix-box") && event.target.value) {
    const picked = how.querySelector("input[type=radio]:checked");
    if (picked) picked.checked = false;
  } else if (event.target.matches("input[type=radio]")) {
    how.querySelector(".fix-box").value = "";
  }
  count(how.closest("[data-fixes]"));
});

/* What redraws the panel while the focus is inside leaves the focus on what was refused, or on what it came to. */
let wasInside = false;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  wasInside = detail.target.id === "import-panel" && detail.target.contains(document.activeElement);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (wasInside && detail.target.id === "import-panel") {
    const refused = document.querySelector("#import-panel .fix-box[aria-invalid]");
    (refused ?? document.getElementById("import-outcome"))?.focus({ preventScroll: !refused });
  }
  wasInside = false;
});

/* Problems one after the other. */
function go(step) {
  const places = [...document.querySelectorAll("[data-problem], .fix-how")].filter((place) => place.checkVisibility());
  if (!places.length) return false;
  const at = places.findIndex((place) => place.contains(document.activeElement));
  const place = places[(at + step + places.length) % places.length];
  const control = place.matches("summary") ? place : place.querySelector("input");
  control.focus();
  control.scrollIntoView({ block: "center" });
}

if (document.getElementById("import-panel")) {
  bind("]", "Next problem", () => go(1), { group: "This import" });
  bind("[", "Problem before", () => go(-1), { group: "This import" });
}
