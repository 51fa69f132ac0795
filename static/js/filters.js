/* The filter bar of a list: what is empty stays out of the address, so that a link to a view is short. */

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches(".filters")) return;
  const asked = event.detail.parameters;
  for (const [name, value] of Object.entries(asked)) if (value === "") delete asked[name];
});
