// The clock of a talk: minutes and seconds since it began, and how much is left.
"use strict";
(() => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const began = Date.parse(clock.dataset.began), whole = 60 * Number(clock.dataset.minutes);
  const shown = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const tick = () => {
    const gone = Math.max(0, Math.floor((Date.now() - began) / 1000)), left = whole - gone;
    clock.textContent = left >= 0 ? `${shown(left)} left` : `${shown(-left)} over`;
    clock.classList.toggle("over", left < 0);
  };
  tick();
  setInterval(tick, 1000);
})();
