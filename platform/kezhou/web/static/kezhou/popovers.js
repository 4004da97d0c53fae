// Popovers are the browser's own (popover attribute); here they only find their place beside their button.
import { all, on } from "./dom.js";

const GAP = 6;

function place(popover, beside) {
  const button = beside || document.querySelector(`[popovertarget="${popover.id}"][data-here]`) || document.querySelector(`[popovertarget="${popover.id}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const wide = document.documentElement.clientWidth;
  const high = document.documentElement.clientHeight;
  if (wide < 640 && popover.dataset.phone === "sheet") {
    popover.style.left = popover.style.top = "";
    return;
  }
  if (popover.dataset.anchor === "beside") {
    popover.style.left = `${at.right + GAP}px`;
    popover.style.top = `${Math.max(8, Math.min(at.top, high - size.height - 8))}px`;
    return;
  }
  const wanted = popover.dataset.anchor === "end" ? at.right - size.width : at.left;
  popover.style.left = `${Math.max(8, Math.min(wanted, wide - size.width - 8))}px`;
  const below = at.bottom + GAP;
  const fits = below + size.height <= high - 8 || below < high / 2;
  popover.style.top = `${fits ? below : Math.max(8, at.top - GAP - size.height)}px`;
}

document.addEventListener("toggle", (event) => {
  if (!(event.target instanceof Element) || !event.target.hasAttribute("popover")) return;
  const opened = event.newState === "open";
  all(`[popovertarget="${event.target.id}"]`).forEach((button) => button.setAttribute("aria-expanded", String(opened)));
  if (!opened) return;
  place(event.target);
  load(event.target);
  event.target.querySelector("[autofocus]")?.focus();
}, true);

// Content that few people open comes when it is opened.
async function load(popover) {
  if (!popover.dataset.load || popover.dataset.loaded) return;
  popover.dataset.loaded = "1";
  const answer = await fetch(popover.dataset.load, { headers: { "HX-Request": "true" } });
  if (!answer.ok) { delete popover.dataset.loaded; return; }
  popover.innerHTML = await answer.text();
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: popover } }));
  place(popover);
}

window.addEventListener("resize", () => all("[popover]:popover-open").forEach(place));
on("click", "[data-close-popover]", (event, button) => button.closest("[popover]")?.hidePopover());
export { place };
