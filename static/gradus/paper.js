// A place on a page: drag over it, and the note that is written next stands there. Without this file notes stand on a page.
"use strict";
(() => {
  const form = document.getElementById("note-form");
  if (!form) return;
  const SMALLEST = 6; // thousandths: less is a click, not a place
  const clamp = (value) => Math.min(1000, Math.max(0, Math.round(value)));
  let from = null;

  const shown = (page, box) => {
    document.querySelectorAll(".drawn-place").forEach((rect) => { rect.hidden = true; rect.setAttribute("width", 0); });
    if (!box) return;
    const rect = page.querySelector(".drawn-place");
    rect.hidden = false;
    rect.setAttribute("x", box.left); rect.setAttribute("y", box.top);
    rect.setAttribute("width", box.width); rect.setAttribute("height", box.height);
  };
  const at = (page, event) => {
    const area = page.querySelector("svg").getBoundingClientRect();
    return { x: clamp((1000 * (event.clientX - area.left)) / area.width), y: clamp((1000 * (event.clientY - area.top)) / area.height) };
  };
  const between = (one, other) => ({
    left: Math.min(one.x, other.x), top: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y),
  });
  const placed = (page, box) => {
    form.elements.page.value = page.dataset.page;
    ["left", "top", "width", "height"].forEach((name) => { form.elements[name].value = box ? box[name] : ""; });
    form.elements.text.focus();
  };

  const bind = () => document.querySelectorAll(".page:not(.can-draw)").forEach((page) => {
    page.classList.add("can-draw");
    const area = page.querySelector("svg");
    area.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") return; // there a finger scrolls; a tap chooses the page
      from = at(page, event);
      area.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    area.addEventListener("pointermove", (event) => { if (from) shown(page, between(from, at(page, event))); });
    area.addEventListener("pointerup", (event) => {
      const box = from && between(from, at(page, event));
      from = null;
      const isPlace = box && box.width > SMALLEST && box.height > SMALLEST;
      shown(page, isPlace ? box : null);
      placed(page, isPlace ? box : null);
    });
  });
  bind();
  document.addEventListener("htmx:afterSwap", bind); // pages that came while the desk was open
})();
