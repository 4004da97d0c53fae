// The print button of a record's paper.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
