// Import: progress of the upload and drag and drop. Without this file the form is sent by the browser itself.
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const name = form.querySelector("[data-file-name]");
  const sending = form.querySelector("[data-sending]");

  drop.classList.add("kz-imp-live"); // the whole area takes the click and the file

  const shown = () => { if (input.files.length) name.textContent = input.files[0].name; };
  input.addEventListener("change", shown);
  ["dragenter", "dragover"].forEach((kind) => drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("on"); }));
  ["dragleave", "drop"].forEach((kind) => drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove("on"); }));
  drop.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; shown(); } });

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const button = form.querySelector("[data-busy]");
    const label = button.textContent;
    button.disabled = true;
    button.textContent = button.dataset.busy;
    sending.hidden = false;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      const part = Math.round((step.loaded / step.total) * 100);
      sending.querySelector("progress").value = part;
      sending.querySelector("[data-sent]").textContent = `${part}%`;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) { window.location.assign(request.responseURL); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const fresh = answer.querySelector("form[data-upload] .kz-note, form[data-upload] .kz-err") || answer.querySelector("h1, h4");
      form.querySelectorAll(":scope > .kz-note").forEach((old) => old.remove());
      const note = document.createElement("div");
      note.className = "kz-note kz-bad";
      note.setAttribute("role", "alert");
      note.textContent = fresh ? fresh.textContent.trim() : `${request.status}`;
      form.prepend(note);
      button.disabled = false; button.textContent = label; sending.hidden = true;
    });
    request.addEventListener("error", () => { form.submit(); });
    request.send(new FormData(form));
  });
})();
