// The door: show or hide what is typed as a password, and keep the clock in the foot going.
import { all, one, on } from "./dom.js";

on("click", "[data-reveal]", (event, button) => {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  input.focus();
});

const clock = one("[data-clock]");
if (clock) {
  const served = new Date(clock.dateTime);
  const started = Date.now();
  const zone = clock.dateTime.match(/([+-])(\d\d):(\d\d)$/);
  const offset = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  setInterval(() => {
    const now = new Date(served.getTime() + (Date.now() - started) + offset * 60000);
    const two = (n) => String(n).padStart(2, "0");
    const parts = { y: now.getUTCFullYear(), m: now.getUTCMonth() + 1, d: now.getUTCDate(), t: `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}` };
    clock.textContent = clock.dataset.clock.replace(/\{(\w)\}/g, (all, key) => parts[key]);
  }, 15000);
}

all("form").forEach((form) => form.addEventListener("submit", () => {
  const button = one("[type=submit]", form);
  button?.setAttribute("aria-busy", "true");
}));
