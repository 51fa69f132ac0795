/* The drop zone: a file dropped on the frame lands in the file field, which does everything else by itself. */

for (const zone of document.querySelectorAll("[data-drop]")) {
  const field = zone.querySelector("input[type=file]");
  const over = (inside) => zone.classList.toggle("is-over", inside);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  zone.addEventListener("dragleave", () => over(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
