// The calendar: bars stand at their hours, records are dragged to another day or row, or moved with Alt and the arrow keys.
import { all, cookie, each, one, on, say } from "./dom.js";
import { toast } from "./requests.js";
import { refresh } from "./fresh.js";
import { undoable } from "./board.js";

const DAY = 86400000;
const HIGH = 34;
let dragged = null;

each("[data-calendar] .kz-lane", (lane) => {
  lane.style.minHeight = `${Number(lane.dataset.rows) * HIGH + 14}px`;
  all("[data-left]", lane).forEach((bar) => {
    bar.style.left = `calc(${bar.dataset.left}% + 2px)`;
    bar.style.width = `max(28px, calc(${bar.dataset.width}% - 3px))`;
    bar.style.top = `${8 + Number(bar.dataset.top) * HIGH}px`;
  });
});

const stamp = (text) => Date.parse(`${text}T00:00:00Z`);

async function move(event_, days, resource) {
  if (!days && resource === undefined) return;
  const place = one("[data-calendar]");
  const body = new FormData();
  body.set("pk", event_.dataset.event);
  body.set("version", event_.dataset.version);
  body.set("days", days);
  if (resource !== undefined) body.set("resource", resource);
  const answer = await fetch(place.dataset.calendar, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
  if (answer.ok) {
    const saved = await answer.json();
    const to = new Date(stamp(event_.dataset.from) + days * DAY).toISOString().slice(0, 10);
    const text = place.dataset.moved.replace("%t", event_.dataset.title).replace("%d", to);
    await refresh();
    undoable(text, place.dataset.undo, saved.undo);
    say(text);
    one(`[data-event="${event_.dataset.event}"]`)?.focus();
  } else {
    const reason = answer.status === 409 ? (await answer.json()).sentence : document.body.dataset.failed;
    toast(reason, "no");
    say(reason);
  }
}

on("dragstart", "[data-movable] [data-event]", (event, bar) => {
  dragged = { bar, x: event.clientX };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", bar.dataset.event);
});
on("dragover", "td[data-day], .kz-lane", (event, place) => {
  if (!dragged) return;
  event.preventDefault();
  all(".kz-drop").forEach((other) => other.classList.toggle("kz-drop", other === place));
  place.classList.add("kz-drop");
});
on("drop", "td[data-day], .kz-lane", (event, place) => {
  if (!dragged) return;
  event.preventDefault();
  const { bar, x } = dragged;
  if (place.dataset.day) { move(bar, Math.round((stamp(place.dataset.day) - stamp(bar.dataset.from)) / DAY)); return; }
  const wide = place.getBoundingClientRect().width / Number(place.dataset.days);
  const lane = bar.closest(".kz-lane");
  move(bar, Math.round((event.clientX - x) / wide), lane === place ? undefined : place.dataset.lane);
});
document.addEventListener("dragend", () => { dragged = null; all(".kz-cal .kz-drop").forEach((place) => place.classList.remove("kz-drop")); });

on("keydown", "[data-movable] [data-event]", (event, bar) => {
  if (!event.altKey || event.isComposing) return;
  const month = bar.closest(".kz-mcal") !== null;
  const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: month ? -7 : 0, ArrowDown: month ? 7 : 0 }[event.key];
  if (!days) return;
  event.preventDefault();
  move(bar, days);
});
