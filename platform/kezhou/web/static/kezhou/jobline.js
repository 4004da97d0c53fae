// Work in the background that this window began: one line at the foot, from page to page until it is over.
import { all, cookie, each, el, icon, one, on } from "./dom.js";

const KEPT = "kz:jobs";
const EVERY = 1000;
const words = () => one("#kz-toasts").dataset;

function kept() { try { return JSON.parse(sessionStorage.getItem(KEPT) || "[]"); } catch { return []; } }
function keep(urls) { try { sessionStorage.setItem(KEPT, JSON.stringify([...new Set(urls)])); } catch { /* private windows keep nothing */ } }
function drop(line) {
  keep(kept().filter((url) => url !== line.dataset.job));
  clearTimeout(line.asking);
  line.remove();
}

const button = (text, act) => {
  const made = el("button", { class: "btn kz-btn-sm2", type: "button" }, text);
  made.addEventListener("click", act);
  return made;
};
const post = (url) => fetch(url, { method: "POST", headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
const link = (text, href) => el("a", { class: "btn kz-btn-sm2", href }, text);

function running(line, job) {
  const say = job.total ? `${job.title} ${job.done.toLocaleString()} / ${job.total.toLocaleString()}` : job.title;
  const stop = button(words().jobStop, async () => { stop.disabled = true; await post(`${line.dataset.job}/cancel`); });
  stop.disabled = Boolean(job.stopping);
  line.replaceChildren(icon("loader", "kz-spin"), el("span", { class: "kz-sp kz-num" }, say), stop, button(words().jobAway, () => drop(line)));
  line.append(el("progress", job.percent === null ? { "aria-label": job.title } : { max: 100, value: job.percent, "aria-label": job.title }));
}

function over(line, job) {
  keep(kept().filter((url) => url !== line.dataset.job));
  const good = job.state === "done" && !job.result.skipped;
  const parts = [icon(good ? "circle-check" : "alert-circle", good ? "kz-ok" : "kz-no"), el("span", { class: "kz-sp" }, job.message || job.title)];
  if (job.file) parts.push(link(words().jobFile, `/files/${job.file}`));
  if (job.undo) {
    const form = el("form", { method: "post", action: job.undo }, el("input", { type: "hidden", name: "csrfmiddlewaretoken", value: cookie("csrftoken") }), el("input", { type: "hidden", name: "next", value: location.pathname + location.search }), el("button", { class: "btn kz-btn-sm2", type: "submit" }, words().jobUndo));
    parts.push(form);
  }
  if (one("#kz-list")) parts.push(link(words().jobRefresh, location.href));
  else parts.push(link(words().jobSee, line.dataset.job));
  const away = button(icon("x", "kz-s14"), () => line.remove());
  away.setAttribute("aria-label", words().jobAway);
  line.replaceChildren(...parts, away);
  document.dispatchEvent(new CustomEvent("kz:look"));
}

async function ask(line) {
  const answer = await fetch(line.dataset.job, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!line.isConnected) return;
  if (answer && (answer.status === 404 || answer.redirected)) { drop(line); return; }
  const job = answer?.ok ? await answer.json() : null;
  if (job?.over) { over(line, job); return; }
  if (job) running(line, job);
  line.asking = setTimeout(() => ask(line), EVERY);
}

each("[data-job]", (line) => { keep([...kept(), line.dataset.job]); ask(line); });

// What was begun on an earlier page and is not over yet.
const place = one("#kz-toasts");
const shown = all("[data-job]").map((line) => line.dataset.job);
const here = one("[data-job-page]")?.dataset.jobPage;
for (const url of place ? kept() : []) {
  if (shown.includes(url) || url === here) continue;
  const line = el("div", { class: "kz-toast1 kz-jobline", "data-job": url });
  place.append(line);
  ask(line);
}
