// Sets the theme before the first paint, so a dark page never flashes white. "auto" follows the machine, also when it
// changes. The admin keeps its choice under the same name, so one switch serves both.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => {
    const choice = chosen() || "auto";
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.themeChoice = choice;
  };
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("purser:theme", apply);
})();
