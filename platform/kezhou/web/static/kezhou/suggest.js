// The search page: suggestions from the first letter on, and why a hit is where it is.
import { all, one, on } from "./dom.js";
import { composing } from "./keys.js";

const LATER = 120;
let timer;
let asked = 0;
const box = (input) => one(`#${input.getAttribute("aria-controls")}`);
const lines = (input) => all("[role=option]", box(input));

function close(input) {
  asked += 1;
  clearTimeout(timer);
  box(input).hidden = true;
  input.setAttribute("aria-expanded", "false");
}

async function suggest(input) {
  const mine = ++asked;
  const answer = await fetch(`${input.dataset.offers}?q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } });
  const html = await answer.text();
  if (mine !== asked || !answer.ok || document.activeElement !== input) return;
  box(input).innerHTML = html;
  const any = lines(input).length > 0;
  box(input).hidden = !any;
  input.setAttribute("aria-expanded", String(any));
}

function choose(input, at) {
  lines(input).forEach((line, place) => { line.classList.toggle("on", place === at); line.setAttribute("aria-selected", String(place === at)); });
  lines(input)[at]?.scrollIntoView({ block: "nearest" });
}

on("input", "[data-offers]", (event, input) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => suggest(input), LATER);
});
on("compositionend", "[data-offers]", (event, input) => suggest(input));
on("click", "[data-offers]", (event, input) => { if (!input.value) suggest(input); });
on("focusout", "[data-offers]", (event, input) => { if (!box(input).contains(event.relatedTarget)) close(input); });
on("keydown", "[data-offers]", (event, input) => {
  if (composing(event)) return;
  const found = box(input).hidden ? [] : lines(input);
  const at = found.findIndex((line) => line.classList.contains("on"));
  if (event.key === "Escape" && found.length) { event.preventDefault(); event.stopPropagation(); close(input); return; }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
    event.preventDefault();
    choose(input, (at + (event.key === "ArrowDown" ? 1 : found.length - 1 + Number(at < 0))) % found.length);
  } else if (event.key === "Enter" && found[at]) {
    event.preventDefault();
    window.location.assign(found[at].href);
  }
});
// A link of the list is pressed before the box loses focus.
on("mousedown", ".kz-offers a", (event) => event.preventDefault());

// Pressed again, the reasons close.
on("click", "[data-why]", (event, link) => {
  const place = one(".kz-because", link.closest("[data-row]"));
  if (!place.firstElementChild) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  place.replaceChildren();
});
