// The bench's clock: shown, faster, stopped, moved ahead.

import { act, get, make } from "./api.js";
import { onLanguage, t } from "./words.js";

const SPEEDS = [0, 1, 10, 100];
const shownTime = document.getElementById("clock-time");
const buttons = document.getElementById("speeds");
let state = { now_us: 0, time: "1970-01-01T00:00:00", speed: 1 };
let read = performance.now();

export const nowUs = () => state.now_us + (performance.now() - read) * 1000 * (state.speed ?? 0);

function set(found) {
  if (!found) return;
  state = found;
  read = performance.now();
  for (const button of buttons.children) {
    if (button.dataset.speed !== undefined) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === state.speed));
  }
}

export function begin() {
  const fill = () => {
    buttons.replaceChildren(
      ...SPEEDS.map((speed) => make("button", { type: "button", "data-speed": speed, "aria-pressed": String(speed === state.speed),
        onclick: async () => set(await act("PATCH", "clock", { speed })) }, speed ? `${speed}×` : t("stand"))),
      ...[["ahead", 30], ["hour", 3600]].map(([word, seconds]) => make("button", { type: "button", onclick: async () => set(await act("PATCH", "clock", { skip_s: seconds })) }, t(word))));
  };
  fill();
  onLanguage(fill);
  const poll = () => get("clock").then(set, () => {});
  poll();
  setInterval(poll, 5000);
  setInterval(() => {
    const begun = Date.parse(`${state.time}Z`);
    shownTime.textContent = new Date(begun + (nowUs() - state.now_us) / 1000).toISOString().slice(11, 19);
  }, 200);
}
