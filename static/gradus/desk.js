// The grading desk's keys. Everything here can be done without them: they only press what is on the page.
"use strict";
(() => {
  const form = document.getElementById("desk");
  if (!form) return;
  const cells = [...form.querySelectorAll("[data-cell]")];
  let at = 0;

  const typing = (element) => element.matches("textarea, select, input:not([type=checkbox])");
  const cell = () => document.activeElement.closest("[data-cell]") || cells[at];
  const focus = (element) => { if (element) { element.focus(); element.scrollIntoView({ block: "nearest" }); } };

  const go = (step) => {
    at = Math.min(Math.max(cells.indexOf(cell()) + step, 0), cells.length - 1);
    focus(cells[at].querySelector("input:not([type=hidden]), textarea"));
    if (typing(document.activeElement)) { document.activeElement.blur(); }
    cells[at].scrollIntoView({ block: "nearest" });
  };

  const tick = (digit) => {
    const boxes = cell().querySelectorAll(".rubric input[name^=ticks-]");
    const box = boxes[digit === "0" ? 9 : Number(digit) - 1];
    if (!box) return;
    box.click();
    const none = cell().querySelector("input[name^=none-]");
    if (none && box.checked) { none.checked = false; }
  };

  const keys = {
    Enter: () => form.querySelector("button[name=next]").click(),
    s: () => form.querySelector("[data-skip]").click(),
    c: () => focus(cell().querySelector("textarea")),
    a: () => focus(cell().querySelector("input[name^=adjustment-], input[name^=points-]")),
    "/": () => focus(cell().querySelector("[data-bank]")),
    j: () => go(1), l: () => go(1), ArrowDown: () => go(1), ArrowRight: () => go(1),
    k: () => go(-1), h: () => go(-1), ArrowUp: () => go(-1), ArrowLeft: () => go(-1),
    v: () => document.querySelector("[data-versions]").click(),
    u: () => {
      if (form.dataset.typed) { form.dispatchEvent(new Event("undo")); return; }
      const before = document.querySelector("[data-before]");
      if (before) { before.click(); }
    },
    f: () => document.querySelector("iframe.notebook").requestFullscreen(),
    "?": () => { const list = form.querySelector("[data-keys]"); list.open = !list.open; focus(list.querySelector("summary")); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") { event.target.blur(); }
      return;
    }
    if (event.target.closest("a, button, summary") && event.key === "Enter") return;
    const act = /^[0-9]$/.test(event.key) ? () => tick(event.key) : keys[event.key];
    if (!act || !cells.length) return;
    event.preventDefault();
    act();
  });

  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-bank]") || !event.target.value) return;
    const comment = event.target.closest("[data-cell]").querySelector("textarea");
    comment.value = [comment.value.trim(), event.target.value].filter(Boolean).join("\n");
    event.target.value = "";
    focus(comment);
  });
})();
