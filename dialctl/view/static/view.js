// Keeps a page up to date: once a second, while somebody looks at it, its parts are asked for.
"use strict";

const EVERY = 1000, AFTER_FAILURE = 5000, PATIENCE = 8000; // milliseconds
const main = document.querySelector("main[data-live]");
const status = document.getElementById("status");
let timer = 0;

function replace(element, html) {
  if (element.dataset.shown === html) return;
  // What somebody has opened, and where they are, stays as it is.
  const open = [...element.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const summaryOf = focused && focused.tagName === "SUMMARY" ? focused.parentElement.id : "";
  const scrolled = element.firstElementChild ? element.firstElementChild.scrollLeft : 0;
  element.innerHTML = html;
  element.dataset.shown = html;
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  if (element.firstElementChild) element.firstElementChild.scrollLeft = scrolled;
  const again = summaryOf
    ? document.querySelector("#" + CSS.escape(summaryOf) + " summary")
    : focused && (focused.id ? document.getElementById(focused.id) : element.querySelector("[tabindex]"));
  if (again) again.focus({ preventScroll: true });
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

async function update() {
  let wait = EVERY;
  try {
    const url = new URL(location.href);
    url.searchParams.set("parts", "1");
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(answer.status);
    for (const [name, html] of Object.entries(await answer.json())) {
      const element = document.getElementById(name);
      if (name === "status") say(html);
      else if (element && !(getSelection().type === "Range" && element.contains(getSelection().anchorNode))) {
        replace(element, html);
      }
    }
  } catch {
    wait = AFTER_FAILURE;
    say("dialctl does not answer; it is asked again");
  }
  schedule(wait);
}

function schedule(wait) {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(update, wait);
}

if (main) {
  document.addEventListener("visibilitychange", () => schedule(0));
  schedule(EVERY);
}
