// The board: cards are dragged, or taken up with Space and moved with the arrow keys. The server says where the card in hand may go:
// other columns are shut meanwhile and say why. A move that is refused goes back with the reason; one that needs more asks for it.
import { all, cookie, each, el, icon, one, on, say } from "./dom.js";
import { toast } from "./requests.js";

let dragged = null;
let taken = null;
let ways = {}; // for the card in hand, by column
let asked = 0;

const board = () => one("[data-board]");
const column = (card) => card.closest("[data-column]");

const shut = (place) => ways[place.dataset.column]?.allowed === false;

async function askWays(card) {
  asked += 1;
  const mine = asked;
  ways = {};
  const url = new URL(board().dataset.ways, location.href);
  url.searchParams.set("pk", card.dataset.row);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  ways = await answer.json();
  if (mine !== asked) return;
  for (const place of all("[data-column]", board())) {
    const way = ways[place.dataset.column];
    place.classList.toggle("kz-shut", shut(place));
    if (!way || (way.allowed && !way.asks.length)) continue;
    const text = way.allowed ? board().dataset.asks.replace("%f", way.asks.join("、")) : way.reason;
    one(".kz-kh", place).after(el("p", { class: "kz-kwhy", "data-why": true }, icon(way.allowed ? "forms" : "lock", "kz-s14"), el("span", {}, text)));
  }
}

function forgetWays() {
  asked += 1;
  ways = {};
  all("[data-why]", board() || document).forEach((note) => note.remove());
  all(".kz-shut").forEach((place) => place.classList.remove("kz-shut"));
}

function put(card, to, before = null) {
  const cards = one("[data-cards]", to);
  cards.insertBefore(card, before || one("[data-card]", cards) || cards.firstChild);
}

async function send(body) {
  return fetch(board().dataset.board, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
}

async function move(card, to, from, before) {
  if (to === from) return;
  const body = new FormData();
  body.set("pk", card.dataset.row);
  body.set("version", card.dataset.version);
  body.set("to", to.dataset.column);
  card.setAttribute("aria-busy", "true");
  let answer;
  try { answer = await send(body); } catch { answer = null; }
  card.removeAttribute("aria-busy");
  await settle(answer, card, to, from, before);
}

async function settle(answer, card, to, from, before) {
  if (answer?.ok) { done(card, to, from, await answer.json()); return; }
  put(card, from, before);
  if (answer?.status === 422) { ask(card, to, from, before, await answer.text()); return; }
  const reason = answer?.status === 409 ? (await answer.json()).sentence : null;
  toast(reason || (answer ? document.body.dataset.failed : document.body.dataset.offline), "no");
  say(reason || "");
  one("[data-card-move]", card)?.focus();
}

function done(card, to, from, saved) {
  card.dataset.version = saved.version;
  put(card, to);
  for (const [place, step] of [[to, 1], [from, -1]]) {
    const count = one("[data-count-of]", place);
    if (count) count.textContent = Number(count.textContent) + step;
  }
  const words = board().dataset;
  const title = one("[data-open]", card).textContent;
  const text = words.moved.replace("%t", title).replace("%c", to.dataset.label);
  undoable(text, words.undo, saved.undo);
  say(text);
}

export function undoable(text, label, undo) {
  toast(text);
  const line = one("#kz-toasts").lastElementChild;
  const button = el("button", { class: "btn kz-btn-sm2", type: "button" }, label);
  button.addEventListener("click", () => {
    const form = el("form", { method: "post", action: undo, hidden: true }, el("input", { name: "csrfmiddlewaretoken", value: cookie("csrftoken") }), el("input", { name: "next", value: location.pathname + location.search }));
    document.body.append(form);
    form.submit();
  });
  line.append(button);
}

function ask(card, to, from, before, html) {
  const dialog = one("#kz-dialog");
  dialog.innerHTML = html;
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: dialog } }));
  if (!dialog.open) dialog.showModal();
  one("[data-field] input:not([type=hidden]), [data-field] select, [data-field] textarea", dialog)?.focus();
  one("form", dialog).addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await send(new FormData(event.target));
    if (answer.status === 422) { ask(card, to, from, before, await answer.text()); return; }
    dialog.close();
    await settle(answer, card, to, from, before);
  });
}

on("dragstart", "[data-card]", (event, card) => {
  dragged = { card, from: column(card), before: card.nextElementSibling };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.row);
  card.classList.add("kz-drag");
  askWays(card);
});
on("dragover", "[data-board] [data-column]", (event, place) => {
  if (!dragged) return;
  const open = !shut(place);
  if (open) event.preventDefault();
  all("[data-column]", board()).forEach((each_) => each_.classList.toggle("kz-drop", open && each_ === place && place !== dragged.from));
});
on("drop", "[data-board] [data-column]", (event, place) => {
  if (!dragged || shut(place)) return;
  event.preventDefault();
  const { card, from, before } = dragged;
  if (place !== from) { put(card, place); move(card, place, from, before); }
});
document.addEventListener("dragend", () => {
  dragged?.card.classList.remove("kz-drag");
  dragged = null;
  forgetWays();
  all(".kz-drop").forEach((each_) => each_.classList.remove("kz-drop"));
});

on("keydown", "[data-card-move]", (event, grip) => {
  const card = grip.closest("[data-card]");
  const words = board().dataset;
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (!taken) {
      taken = { card, from: column(card), before: card.nextElementSibling };
      card.classList.add("kz-taken");
      askWays(card);
      say(`${words.taken.replace("%t", one("[data-open]", card).textContent)} ${words.help}`);
    } else {
      const { from, before } = taken;
      const to = column(card);
      if (to !== from && shut(to)) { say(ways[to.dataset.column].reason); return; }
      card.classList.remove("kz-taken");
      taken = null;
      forgetWays();
      move(card, to, from, before);
    }
  } else if (taken && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    const places = all("[data-column]", board());
    const rest = event.key === "ArrowRight" ? places.slice(places.indexOf(column(card)) + 1) : places.slice(0, places.indexOf(column(card))).reverse();
    const next = rest.find((place) => place === taken.from || !shut(place));
    const passed = rest.slice(0, next ? rest.indexOf(next) : rest.length).map((place) => `${place.dataset.label}：${ways[place.dataset.column].reason}`);
    if (!next) { say(passed.join(" ")); return; }
    put(card, next);
    grip.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    say([next.dataset.label, ...passed].join(" "));
  } else if (taken && event.key === "Escape") {
    event.preventDefault();
    put(card, taken.from, taken.before);
    card.classList.remove("kz-taken");
    taken = null;
    forgetWays();
    grip.focus();
  }
});
on("focusout", "[data-card-move]", (event, grip) => {
  setTimeout(() => {
    if (!taken || taken.card.contains(document.activeElement)) return;
    put(taken.card, taken.from, taken.before);
    taken.card.classList.remove("kz-taken");
    taken = null;
    forgetWays();
  }, 50);
});

on("click", "[data-board-more]", async (event, link) => {
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const made = el("div");
  made.innerHTML = await answer.text();
  link.replaceWith(...made.childNodes);
});

each("[data-board]", (place) => {
  const rows = all("[data-row]", place).map((row) => row.dataset.row);
  sessionStorage.setItem(`kz:list:${one("#kz-list").dataset.type}`, JSON.stringify({ url: location.pathname + location.search, rows }));
});
