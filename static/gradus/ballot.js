// A ballot that is dragged, or moved by buttons, and saves itself. Without this file numbers and the button do the same.
"use strict";
document.querySelectorAll("[data-ballot]").forEach((form) => {
  const ranked = form.querySelector("[data-ranked]"), rest = form.querySelector("[data-rest]");
  const said = form.querySelector("[data-said]");
  const field = (row) => row.querySelector("input");
  const WAIT = 600; // milliseconds after the last move
  let timer = null, dragged = null, running = false, again = false;

  const numbered = () => {
    [...ranked.children].forEach((row, place) => { field(row).value = place + 1; });
    [...rest.children].forEach((row) => { if (field(row).value !== "x") { field(row).value = ""; } });
  };
  const save = async () => {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin",
      });
      const word = await answer.json();
      said.textContent = word.said;
    } catch {
      said.textContent = "Not saved: no connection. It is tried again.";
      timer = setTimeout(save, 5000);
    }
    running = false;
    if (again) { again = false; save(); }
  };
  const changed = () => {
    numbered();
    said.textContent = "Saving …";
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };
  const put = (row, place) => {
    field(row).value = "";
    ranked.insertBefore(row, ranked.children[place] || null);
    changed();
  };

  form.querySelectorAll("[data-group]").forEach((row) => {
    row.querySelector(".ballot-buttons").hidden = false;
    row.querySelector("[data-up]").addEventListener("click", () => {
      if (row.parentElement === rest) { put(row, ranked.children.length); }
      else if (row.previousElementSibling) { ranked.insertBefore(row, row.previousElementSibling); changed(); }
    });
    row.querySelector("[data-down]").addEventListener("click", () => {
      if (row.parentElement === rest) { return; }
      if (row.nextElementSibling) { ranked.insertBefore(row.nextElementSibling, row); } else { rest.prepend(row); field(row).value = ""; }
      changed();
    });
    row.querySelector("[data-unseen]").addEventListener("click", () => {
      const was = field(row).value === "x";
      rest.append(row);
      field(row).value = was ? "" : "x";
      changed();
    });
    field(row).addEventListener("change", () => {
      const typed = field(row).value.trim();
      if (/^\d+$/.test(typed)) { ranked.append(row); put(row, Math.min(Number(typed), ranked.children.length) - 1); }
      else { rest.append(row); field(row).value = typed === "x" ? "x" : ""; changed(); }
    });
    row.addEventListener("dragstart", () => { dragged = row; });
    row.addEventListener("dragend", () => { dragged = null; });
  });

  // One way for mouse and finger: whoever is dragged goes before the row under the pointer.
  const under = (list, y) => [...list.children].find((row) => row !== dragged && y < row.getBoundingClientRect().top + row.offsetHeight / 2);
  const dropped = (list, y) => {
    if (!dragged) return;
    field(dragged).value = "";
    list.insertBefore(dragged, under(list, y) || null);
    changed();
  };
  [ranked, rest].forEach((list) => {
    list.addEventListener("dragover", (event) => event.preventDefault());
    list.addEventListener("drop", (event) => { event.preventDefault(); dropped(list, event.clientY); });
  });
  form.addEventListener("touchstart", (event) => {
    const name = event.target.closest(".ballot-name");
    dragged = name ? name.closest("[data-group]") : null;
    if (dragged) { dragged.classList.add("dragged"); }
  }, { passive: true });
  form.addEventListener("touchmove", (event) => { if (dragged) { event.preventDefault(); } }, { passive: false });
  form.addEventListener("touchend", (event) => {
    if (!dragged) return;
    const { clientX, clientY } = event.changedTouches[0];
    dragged.classList.remove("dragged");
    const target = document.elementFromPoint(clientX, clientY);
    const list = target && target.closest(".ballot-list");
    const inside = ranked.getBoundingClientRect();
    if (list === ranked || (clientY >= inside.top - 20 && clientY <= inside.bottom + 10)) { dropped(ranked, clientY); }
    else if (list === rest) { dropped(rest, clientY); }
    dragged = null;
  });
});
