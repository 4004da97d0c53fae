// Files: chosen, dropped or pasted; each is sent by itself as it stands, with its progress and a way to stop it.
import { all, cookie, el, icon, one, on } from "./dom.js";
import { askToSignIn, toast } from "./requests.js";

function send(address, file, line, settled) {
  const request = new XMLHttpRequest();
  const bar = one("progress", line);
  const fail = (text) => {
    bar.remove();
    line.classList.add("kz-bad");
    one("[data-upload-text]", line).textContent = text || document.body.dataset.failed;
    settled(null);
  };
  request.open("POST", address);
  request.setRequestHeader("X-CSRFToken", cookie("csrftoken"));
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name || "image.png"));
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
  request.addEventListener("error", () => fail(document.body.dataset.offline));
  request.addEventListener("abort", () => { line.remove(); settled(null); });
  request.addEventListener("load", () => {
    if (request.getResponseHeader("X-Kezhou-Session") === "expired") { askToSignIn(() => send(address, file, line, settled)); return; }
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a page instead of an answer: told as a failure */ }
    if (request.status === 201) { bar.replaceWith(icon("check", "kz-green")); settled(answer); } else fail(answer.problem);
  });
  one("button", line).addEventListener("click", () => { if (request.readyState === 4) line.remove(); else request.abort(); });
  request.send(file);
}

function lineOf(file, stop) {
  return el("div", { class: "kz-upline" }, icon("file"), el("span", { class: "kz-ell kz-sp" }, file.name || "image.png"),
    el("progress", { max: "1", value: "0" }), el("span", { class: "kz-fs12", "data-upload-text": true, role: "status" }),
    el("button", { class: "kz-tb", type: "button", "aria-label": `${stop} ${file.name || ""}`.trim() }, icon("x")));
}

async function sendAll(files, address, place, reload) {
  const stop = one("[data-stop]")?.dataset.stop || "";
  const sent = [...files].map((file) => new Promise((settled) => {
    const line = lineOf(file, stop);
    place.append(line);
    send(address, file, line, (answer) => {
      if (answer && place.closest("form[data-composer]")) line.append(el("input", { type: "hidden", name: "file", value: String(answer.pk) }));
      settled(Boolean(answer));
    });
  }));
  const done = await Promise.all(sent);
  if (reload && done.every(Boolean)) location.reload();
}

on("change", "input[data-upload]", (event, input) => {
  const root = input.closest("form[data-composer]") || document;
  sendAll(input.files, input.dataset.upload, one(input.dataset.uploadInto, root), input.hasAttribute("data-upload-reload"));
  input.value = "";
});

/* dropped on the record, pasted into a comment */
const zone = () => one("[data-dropzone]");
const holds = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
let depth = 0;
const over = (yes) => zone()?.classList.toggle("kz-over", yes);
document.addEventListener("dragenter", (event) => { if (zone() && holds(event)) { depth += 1; over(true); } });
document.addEventListener("dragleave", (event) => { if (zone() && holds(event)) { depth -= 1; if (depth <= 0) { depth = 0; over(false); } } });
document.addEventListener("dragover", (event) => { if (zone() && holds(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const place = zone();
  if (!place || !holds(event)) return;
  event.preventDefault();
  depth = 0;
  over(false);
  const composer = event.target instanceof Element ? event.target.closest("form[data-composer]") : null;
  const list = (composer && one("[data-uploads]", composer)) || one("[data-upload-list]") || one("[data-uploads]");
  sendAll(event.dataTransfer.files, place.dataset.dropzone, list, !list.closest("form[data-composer]"));
});
document.addEventListener("paste", (event) => {
  const place = zone();
  const files = [...(event.clipboardData?.files || [])];
  if (!place || !files.length) return;
  event.preventDefault();
  const composer = event.target instanceof Element ? event.target.closest("form[data-composer]") : null;
  const list = (composer && one("[data-uploads]", composer)) || one("[data-upload-list]");
  if (list) sendAll(files, place.dataset.dropzone, list, !list.closest("form[data-composer]"));
  else toast(document.body.dataset.failed, "no");
});
all("label.btn input[type=file], label.kz-tb input[type=file]").forEach((input) => {
  input.addEventListener("focus", () => input.parentElement.classList.add("kz-focus"));
  input.addEventListener("blur", () => input.parentElement.classList.remove("kz-focus"));
});
