// What is typed on the desk stays in this browser until the server says that it has it: a closed tab, a lost network or a
// killed server costs no key stroke. Also says that this page is open, so that nobody else is given the same work.
"use strict";
(() => {
  const form = document.getElementById("desk");
  if (!form) return;
  const news = document.getElementById("desk-news");
  const prefix = `gradus-desk:${form.dataset.user}:`;
  const here = prefix + location.pathname + location.search;
  const KEPT = 30 * 24 * 3600 * 1000;
  const BEAT = 45 * 1000;

  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const write = (name, entry) => { try { localStorage.setItem(name, JSON.stringify(entry)); } catch { /* no room, no journal */ } };
  const forget = (name) => localStorage.removeItem(name);
  const entries = () => Object.keys(localStorage).filter((name) => name.startsWith(prefix)).map((name) => [name, read(name)]).filter(([, entry]) => entry);
  const token = () => form.elements.csrfmiddlewaretoken.value;

  const entry = (sent, submitter, source = form) => ({
    fields: [...new FormData(source, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken"),
    key: source.elements.key.value,
    saved: form.dataset.saved,
    title: document.querySelector("h1").textContent,
    at: Date.now(),
    sent,
  });

  const say = (text, links = [], button = null) => {
    const words = document.createElement("div");
    words.append(text, ...links.flatMap(([title, path]) => {
      const link = Object.assign(document.createElement("a"), { href: path, textContent: title });
      return [" ", link];
    }));
    if (button) { words.append(" ", button); }
    news.replaceChildren(words);
    news.hidden = false;
  };

  const restore = (kept) => {
    const values = new Map();
    for (const [name, value] of kept.fields) { values.set(name, [...(values.get(name) || []), value]); }
    for (const element of form.elements) {
      if (!element.name || ["csrfmiddlewaretoken", "key"].includes(element.name) || element.tagName === "BUTTON") continue;
      const found = values.get(element.name) || [];
      if (element.type === "checkbox") { element.checked = found.includes(element.value); }
      else if (found.length) { element.value = found[0]; }
    }
    const discard = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: "Discard it" });
    discard.addEventListener("click", () => { forget(here); location.reload(); });
    form.dataset.typed = "yes";
    say("What you typed here and did not save stands in the fields again.", [], discard);
  };

  // Asks which presses of "save" arrived and forgets those.
  const settle = async () => {
    const sent = entries().filter(([, kept]) => kept.sent);
    for (const [name, kept] of sent) {
      const answer = await fetch(`${kept.saved}?key=${kept.key}`, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected && (await answer.json()).saved.includes(kept.key)) { forget(name); }
    }
    return sent.filter(([name]) => read(name));
  };

  // Sends again what did not arrive. What the server refuses becomes a draft, shown on its own page.
  const replay = async () => {
    for (const [name, kept] of await settle()) {
      const body = new FormData();
      for (const [field, value] of kept.fields) { body.append(field, value); }
      body.append("csrfmiddlewaretoken", token());
      const answer = await fetch(name.slice(prefix.length), { method: "POST", body });
      if (answer.status === 409 || (answer.ok && !answer.redirected)) { write(name, { ...kept, sent: false }); }
    }
    await settle();
  };

  const start = async () => {
    for (const [name, kept] of entries()) { if (Date.now() - kept.at > KEPT) { forget(name); } }
    const before = read(here);
    if (form.dataset.refused === "meanwhile") { if (before) { write(here, { ...before, sent: false }); } } else if (form.dataset.refused) { write(here, entry(false)); } else if (before) { restore(before); }
    try { await replay(); } catch { say("The server does not answer. What you enter is kept in this browser and sent when it does."); setTimeout(start, 15000); }
    const kept = read(here);
    if (before && before.sent && !kept && !form.dataset.refused) { location.reload(); return; }
    const others = entries().filter(([name]) => name !== here);
    if (others.length && news.hidden) { say("Typed and not saved:", others.map(([name, each]) => [each.title, name.slice(prefix.length)])); }
  };

  let leaving = false;
  const keep = () => { form.dataset.typed = "yes"; write(here, entry(false)); };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("undo", () => { form.reset(); delete form.dataset.typed; forget(here); say("What you had typed is undone."); });
  const yours = document.getElementById("yours-form");
  if (yours) { yours.addEventListener("submit", (event) => { leaving = true; write(here, entry(true, event.submitter, yours)); }); }
  form.addEventListener("submit", (event) => { leaving = true; write(here, entry(true, event.submitter)); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });
  window.addEventListener("online", start);

  const signed = () => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token());
    return body;
  };
  window.addEventListener("pagehide", () => { if (!leaving) { navigator.sendBeacon(form.dataset.away, signed()); } });
  const beat = async () => {
    const answer = await fetch(form.dataset.hold, { method: "POST", body: signed() }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const { mine, holder } = await answer.json();
    if (!mine && holder && !document.querySelector("[name=take_over]")) { say(`${holder} has taken this over. What you typed is kept, and saving does not overwrite what ${holder} saved.`); }
  };
  setInterval(beat, BEAT);
  beat();
  start();
})();
