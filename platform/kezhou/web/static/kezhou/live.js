// What is new, asked in one request every 20 seconds while the page is looked at: the bell, and whatever part registered here.
import { all, cookie, one } from "./dom.js";

const EVERY = 20_000;
const KEPT = "kz:unread";
const parts = [];

// `ask(body)` adds what the part wants to know, `tell(answer)` gets the whole answer.
export function part(ask, tell) { parts.push({ ask, tell }); }

function bell(count) {
  all("[data-unread]").forEach((place) => {
    const shown = count > 99 ? "99+" : String(count);
    const badge = one(".kz-bdg", place);
    badge.textContent = shown;
    badge.hidden = count === 0;
    place.setAttribute("aria-label", count ? place.dataset.named.replace("%n", shown) : place.dataset.quiet);
  });
  try { sessionStorage.setItem(KEPT, String(count)); } catch { /* private windows keep nothing */ }
}

async function look() {
  const bells = one("[data-unread]");
  if (!bells || document.hidden) return;
  const body = new FormData();
  parts.forEach((each) => each.ask(body));
  let answer;
  try {
    answer = await fetch(bells.dataset.unread, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
  } catch { return; }
  if (!answer.ok) return;
  const found = await answer.json();
  bell(found.unread);
  parts.forEach((each) => each.tell(found));
}

const kept = Number(sessionStorage.getItem(KEPT) || 0);
if (kept) bell(kept); // no flicker from page to page
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
window.addEventListener("focus", look);
document.addEventListener("kz:look", look);
if (document.readyState === "complete") look();
else window.addEventListener("load", look);
document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "kz-inbox") look(); });
