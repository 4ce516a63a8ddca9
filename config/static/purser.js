// What pages do beyond plain HTML: theme, copy, keys, locked buttons, quiet polling, living times. Every page works without it.
(() => {
  const body = document.body;
  const words = body.dataset;
  const announcer = document.getElementById("announcer");
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  const say = (text) => { if (announcer) { announcer.textContent = ""; setTimeout(() => { announcer.textContent = text; }, 50); } };

  // Things that only a script can do stay hidden until it runs; also in what htmx brings.
  const wake = (root) => {
    root.querySelectorAll("[data-copy][hidden], .theme-switch[hidden], [data-keys-help][hidden]").forEach((one) => { one.hidden = false; });
    refreshTimes(root);
  };

  // Theme
  const markTheme = () => document.querySelectorAll("[data-theme-choice]").forEach((one) => {
    if (one.matches("button")) one.setAttribute("aria-pressed", String(one.dataset.themeChoice === document.documentElement.dataset.themeChoice));
  });
  const chooseTheme = (choice) => { remember("theme", choice); dispatchEvent(new Event("purser:theme")); markTheme(); };

  // Copy
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1600);
      say(words.wordsCopied);
    } catch { report(words.wordsUncopied); }
  };

  // Navigation on a phone
  const side = (open) => {
    body.classList.toggle("side-is-open", open);
    const button = document.querySelector("[data-side=open]");
    button?.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("#side [data-side=close]")?.focus(); else button?.focus();
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (hit("[data-copy]")) copy(hit("[data-copy]"));
    else if (hit("button[data-theme-choice]")) chooseTheme(hit("button[data-theme-choice]").dataset.themeChoice);
    else if (hit("[data-side]")) side(hit("[data-side]").dataset.side === "open");
    else if (hit("[data-keys-help]")) showKeys();
    else if (body.classList.contains("side-is-open") && !hit("#side")) side(false);
    else if (hit(".toast-note")) hit(".toast-note").remove();
  });

  // Buttons are locked while their request runs. A page kept by the browser's Back comes back unlocked.
  const lock = (form, on) => form.querySelectorAll("button:not([type=button]), input[type=submit]").forEach((one) => {
    if (on && !one.disabled) { one.disabled = true; one.dataset.locked = ""; form.setAttribute("aria-busy", "true"); }
    if (!on && "locked" in one.dataset) { one.disabled = false; delete one.dataset.locked; form.removeAttribute("aria-busy"); }
  });
  const unlockAll = () => document.querySelectorAll("form").forEach((form) => lock(form, false));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    setTimeout(() => lock(form, true));
    setTimeout(() => lock(form, false), 15000);
  });
  addEventListener("pageshow", unlockAll);

  // htmx: quiet in hidden tabs, honest when the answer is an error.
  const problem = document.getElementById("page-problem");
  const report = (text) => { if (problem) problem.textContent = text; };
  const renewsItself = (one) => /\bevery\b/.test(one.getAttribute?.("hx-trigger") || "");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const source = event.detail.elt;
    if (renewsItself(source) && document.hidden) { event.preventDefault(); return; }
    const form = source.closest?.("form");
    if (form && event.detail.requestConfig?.verb === "post") lock(form, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) lock(form, false);
    if (event.detail.successful) report("");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const id = event.detail.xhr.getResponseHeader("X-Request-ID");
    if (event.detail.xhr.status === 503 && renewsItself(event.detail.requestConfig.elt)) report(words.wordsAway);
    else report(words.wordsFailed + (id ? ` (${id})` : ""));
  });
  document.addEventListener("htmx:sendError", () => report(words.wordsOffline));
  // Signed out meanwhile: a form goes once more as a plain one, which the sign-in page keeps; nobody who has typed something
  // is taken away from it.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, verb } = event.detail.requestConfig;
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")?.startsWith(words.login)) return;
    const form = verb === "post" && elt.closest("form[method=post]");
    if (form) { event.preventDefault(); HTMLFormElement.prototype.submit.call(form); return; }
    if (![...document.querySelectorAll("main form[method=post] :is(input, textarea)")].some(isTyped)) return;
    event.preventDefault();
    report(words.wordsSignedOut);
  });
  document.addEventListener("htmx:timeout", () => report(words.wordsFailed));

  // What renews itself is left as a person had it: the focus, what is open, what was typed. And what changed is said aloud.
  const signOf = (one) => [one.tagName, one.id, one.name, one.getAttribute("href"), one.closest("form")?.getAttribute("action"),
    one.matches("summary, button") ? one.textContent.trim() : ""].join("|");
  const handles = (root) => {
    const seen = {}, found = new Map();
    root.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]").forEach((one) => {
      const sign = signOf(one);
      seen[sign] = (seen[sign] || 0) + 1;
      found.set(`${sign}|${seen[sign]}`, one);
    });
    return found;
  };
  const statusOf = (root) => [...root.querySelectorAll("[role=status]")].map((one) => {
    const copy = one.cloneNode(true);
    copy.querySelectorAll("time").forEach((time) => time.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  }).join(" ");
  const isTyped = (one) => one.matches("input:not([type=hidden]), textarea") && one.value !== one.defaultValue;
  const left = new Map();
  const leave = (root) => {
    const kept = { status: statusOf(root), open: [], typed: [] };
    handles(root).forEach((one, sign) => {
      if (one === document.activeElement) kept.focus = [sign, one.selectionStart, one.selectionEnd];
      if (one.matches("details > summary")) kept.open.push([sign, one.parentNode.open]);
      if (isTyped(one)) kept.typed.push([sign, one.value]);
    });
    left.set(root.id, kept);
  };
  const find = (root) => {
    const kept = left.get(root.id);
    if (!kept) return;
    left.delete(root.id);
    wake(root);
    const now = handles(root);
    kept.open.forEach(([sign, open]) => { if (now.has(sign)) now.get(sign).parentNode.open = open; });
    kept.typed.forEach(([sign, value]) => { if (now.has(sign)) now.get(sign).value = value; });
    const [sign, start, end] = kept.focus || [];
    const focused = now.get(sign);
    if (focused && document.activeElement !== focused) {
      focused.focus({ preventScroll: true });
      if (start != null) focused.setSelectionRange(start, end);
    }
    const status = statusOf(root);
    if (status && status !== kept.status) say(status);
  };
  let renewing = false; // what comes along with a poll's answer (hx-swap-oob) is treated alike
  document.addEventListener("htmx:beforeSwap", (event) => {
    renewing = renewsItself(event.detail.requestConfig.elt);
    if (renewing) leave(event.detail.target);
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => { if (renewing) leave(event.detail.target); });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const renewed = document.getElementById(event.detail.target.id);
    if (renewing && renewed) find(renewed);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const renewed = document.getElementById(event.detail.target?.id);
    if (renewing && renewed) find(renewed);
  });
  document.addEventListener("htmx:load", (event) => {
    wake(event.detail.elt.parentNode || document);
    event.detail.elt.querySelector("#error-summary")?.focus();
  });

  // Relative times stay true.
  const relative = (at) => {
    const seconds = Math.round((Date.now() - at) / 1000), size = Math.abs(seconds);
    if (size < 60) return seconds >= 0 ? words.wordsNow : words.wordsSoon;
    const [unit, word] = size >= 86400 ? [86400, words.wordsD] : size >= 3600 ? [3600, words.wordsH] : [60, words.wordsMin];
    return (seconds > 0 ? words.wordsAgo : words.wordsIn).replace("%s", word.replace("%d", Math.floor(size / unit)));
  };
  const refreshTimes = (root) => root.querySelectorAll("time.moment").forEach((time) => {
    const near = time.querySelector(".moment-near");
    if (near?.textContent && words.wordsAgo) near.textContent = relative(Date.parse(time.dateTime));
  });
  setInterval(() => { if (!document.hidden) refreshTimes(document); }, 30000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshTimes(document); });

  // Keys
  const dialog = document.getElementById("keys");
  const showKeys = () => { if (dialog && !dialog.open) dialog.showModal(); };
  const keySwitch = document.querySelector("[data-keys-switch]");
  if (keySwitch) {
    keySwitch.checked = remembered("keys") !== "off";
    keySwitch.addEventListener("change", () => remember("keys", keySwitch.checked ? "on" : "off"));
  }
  // The focus stays in a dialog for one frame after it has closed: what is pressed then belongs to the page.
  const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog") && !target.closest("dialog:not([open])");
  // The rows of the page: each is reached by focusing its first link, so Enter opens it by itself.
  const step = (by) => {
    const links = [...document.querySelectorAll("main table tbody tr, main [data-rows] > li")]
      .map((row) => row.querySelector("a[href]")).filter((link) => link && link.offsetParent);
    const here = links.findIndex((link) => link.closest("tr, li").contains(document.activeElement));
    const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1)];
    next?.focus();
    next?.closest("tr, li").scrollIntoView({ block: "nearest" });
  };
  let wentAt = 0;
  const KEYS = {
    "/": () => document.getElementById("search")?.focus(),
    "?": showKeys,
    j: () => step(1),
    k: () => step(-1),
    n: () => document.querySelector("[data-key=n]")?.click(),
    g: () => { wentAt = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details:is(.menu, .confirm)[open]").forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
      if (body.classList.contains("side-is-open")) side(false);
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "k" && document.getElementById("search")) { event.preventDefault(); KEYS["/"](); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target) || remembered("keys") === "off") return;
    const goes = Date.now() - wentAt < 1500 && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    const act = goes ? () => goes.click() : KEYS[event.key];
    if (!act) return;
    wentAt = 0;
    event.preventDefault();
    act();
  });

  wake(document);
  markTheme();
  setTimeout(() => document.querySelectorAll(".toast-note").forEach((one) => one.classList.add("is-leaving")), 6000);
  document.getElementById("error-summary")?.focus();
})();
