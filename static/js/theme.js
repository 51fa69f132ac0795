/* Light, dark or the system's choice. Kept in a cookie, so that the server draws the next page in it at once. */

const ICONS = { light: "sun", dark: "moon", auto: "auto" };

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const menu of document.querySelectorAll("[data-theme-menu]")) {
    for (const item of menu.querySelectorAll("[data-theme-choice]")) {
      item.setAttribute("aria-checked", String(item.dataset.themeChoice === theme));
    }
    const use = menu.querySelector("summary use");
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[theme]}`));
  }
}

export function startTheme() {
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]");
    if (choice) apply(choice.dataset.themeChoice);
  });
}
