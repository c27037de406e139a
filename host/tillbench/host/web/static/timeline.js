// The wires: lanes with a dot for each event, the list, and one exchange taken apart.

import { address, get, make } from "./api.js";
import { paint } from "./device.js";
import { onLanguage, t } from "./words.js";

const LANES = ["keys", "screen", "card", "host", "printer", "log"];
const LANE_OF = { ccid: "card", leds: "log", buzzer: "log", power: "log", scanner: "log", case: "log", assist: "log", bench: "log" };
const QUIET = new Set(["leds", "buzzer"]);
const KEPT = 3000;
const STRIP_US = 30e6;
const list = document.getElementById("events");
const detail = document.getElementById("detail");
const lanes = document.getElementById("lanes");
const search = document.getElementById("wire-search");
const pauseButton = document.getElementById("pause");
const hidden = new Set();
const strips = new Map();
let events = [];
let paused = false;
let late = [];
let chosen = null;
let lastSeen = 0;

const laneOf = (event) => LANE_OF[event.wire] || event.wire;
const colour = (element, wire) => { element.style.setProperty("--c", `var(--${wire}, var(--log))`); return element; };

export function begin() {
  search.setAttribute("aria-label", t("wiresearch"));
  search.placeholder = t("wiresearch");
  document.getElementById("trace").href = address("wires.jsonl");
  lanes.replaceChildren();
  for (const lane of LANES) {
    const name = colour(make("button", { class: "lane-name", type: "button", "aria-pressed": "true", "data-t": `wire-${lane}` }, t(`wire-${lane}`)), lane);
    name.addEventListener("click", () => {
      if (!hidden.delete(lane)) hidden.add(lane);
      name.setAttribute("aria-pressed", String(!hidden.has(lane)));
      relist();
    });
    const strip = colour(make("div", { class: "lane-strip", "aria-hidden": "true" }), lane);
    strips.set(lane, strip);
    lanes.append(name, strip);
  }
}

onLanguage(() => { search.placeholder = t("wiresearch"); search.setAttribute("aria-label", t("wiresearch")); });
search.addEventListener("input", relist);
pauseButton.addEventListener("click", () => {
  paused = !paused;
  pauseButton.setAttribute("aria-pressed", String(paused));
  if (!paused) { const missed = late; late = []; missed.forEach(heard); }
});
document.getElementById("clear").addEventListener("click", () => { events = []; relist(); detail.replaceChildren(make("p", { class: "hint", "data-t": "pick" }, t("pick"))); });

// The list follows what happens until somebody scrolls up, also through another size of the window.
let follows = true;
const toEnd = () => { if (follows) list.scrollTop = list.scrollHeight; };
list.addEventListener("scroll", () => { follows = list.scrollHeight - list.scrollTop - list.clientHeight < 60; });
new ResizeObserver(toEnd).observe(list);

export function heard(event) {
  if (event.t_us) lastSeen = event.t_us;
  event.at = event.t_us ?? lastSeen;
  if (paused) { late.push(event); return; }
  events.push(event);
  if (events.length > KEPT) events = events.slice(-KEPT / 2);
  dot(event);
  if (!wanted(event)) return;
  list.append(line(event));
  while (list.childElementCount > KEPT) list.firstElementChild.remove();
  toEnd();
}

function wanted(event) {
  if (QUIET.has(event.wire) && !search.value) return false;
  if (hidden.has(laneOf(event))) return false;
  const word = search.value.trim().toLowerCase();
  return !word || `${event.wire} ${event.event} ${(event.lines || []).join(" ")}`.toLowerCase().includes(word);
}

function relist() {
  list.replaceChildren(...events.filter(wanted).map(line));
  list.scrollTop = list.scrollHeight;
}

function line(event) {
  const opens = event.exchange || (event.lines || []).length || event.wire === "screen";
  const time = make("time", {}, event.t_us === null ? "*" : (event.t_us / 1e6).toFixed(3));
  const words = opens ? make("button", { type: "button", onclick: () => open(event) }, event.event) : make("span", {}, event.event);
  const item = colour(make("li", { "data-n": event.n, class: opens ? "more" : "" }, time, make("b", {}, t(`wire-${event.wire}`)), words), event.wire);
  if (opens) item.addEventListener("click", (click) => { if (!click.target.closest("button")) open(event); });
  return item;
}

// Dots: the last half minute of virtual time, the newest at the right.

function dot(event) {
  const mark = make("i");
  mark.dataset.at = event.at;
  if (event.exchange) mark.addEventListener("click", () => open(event));
  strips.get(laneOf(event))?.append(mark);
}

export function drift(nowUs) {
  for (const strip of strips.values()) {
    for (const mark of [...strip.children]) {
      const right = (nowUs - Number(mark.dataset.at)) / STRIP_US;
      if (right > 1) mark.remove(); else mark.style.right = `${Math.max(right, 0) * 100}%`;
    }
  }
}

// One event

async function open(event) {
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  list.querySelector(`[data-n="${event.n}"]`)?.setAttribute("aria-current", "true");
  chosen = event.n;
  const copy = make("button", { class: "act", type: "button", "data-t": "copycode", onclick: () => copyCode(event, copy) }, t("copycode"));
  const head = make("div", { class: "detail-head" }, make("strong", {}, event.event), copy);
  const body = make("div");
  detail.replaceChildren(head, body);
  detail.scrollTop = 0;
  if (event.exchange) {
    const found = await get(`wires/${event.n}`);
    if (chosen === event.n) body.replaceChildren(...found.sections.flatMap((section) => shownSection(section, found.sections.length > 1)));
  } else if (event.wire === "screen") {
    const canvas = make("canvas", { width: 128, height: 64, role: "img", "aria-label": event.event, class: "old-frame" });
    body.append(canvas);
    const frame = event.pixels ? event : (await get(`frames?since=${event.n - 1}`))[0];
    paint(canvas, frame.pixels);
  } else {
    body.append(make("pre", { class: "code" }, event.lines.join("\n")));
  }
}

function shownSection(section, named) {
  const bytes = section.hex.split(" ").map((text) => make("i", text === "**" ? { class: "secret" } : {}, text));
  const hex = make("div", { class: "hex", "aria-label": t(section.name), role: "group" }, ...bytes);
  const pressed = { node: null };
  const tree = make("ul", { class: "tree" }, ...section.nodes.map((node) => shownNode(node, bytes, pressed)));
  return [named ? make("div", { class: "section-name" }, t(section.name)) : null, hex, tree].filter(Boolean);
}

function light(bytes, node, on) {
  for (let at = node.offset; at < node.offset + node.size && at < bytes.length; at++) bytes[at].classList.toggle("lit", on);
  const first = bytes[node.offset];
  if (on && first) first.parentElement.scrollTop = first.offsetTop - first.parentElement.clientHeight / 2;
}

function shownNode(node, bytes, pressed) {
  const inside = [
    node.path ? make("span", { class: "path" }, node.path.split(".").pop()) : null, node.path ? " " : null, node.name || null,
    node.value ? make("span", { class: "value" }, `  ${node.value}`) : null,
    node.meaning ? make("span", { class: "meaning" }, `  ${node.meaning}`) : null,
  ];
  const placed = node.offset !== undefined;
  const shown = make(placed ? "button" : "span", placed ? { class: "node", type: "button", "aria-pressed": "false" } : { class: "node" }, ...inside);
  if (placed) {
    const set = (on) => light(bytes, node, on);
    shown.addEventListener("pointerenter", () => set(true));
    shown.addEventListener("pointerleave", () => { if (pressed.node !== shown) set(false); });
    shown.addEventListener("click", () => {
      const before = pressed.node;
      before?.setAttribute("aria-pressed", "false");
      before?.dispatchEvent(new Event("put-out"));
      pressed.node = before === shown ? null : shown;
      if (pressed.node) { shown.setAttribute("aria-pressed", "true"); set(true); }
    });
    shown.addEventListener("put-out", () => set(false));
  }
  const item = make("li", {}, shown, ...(node.bits || []).map((bit) => make("span", { class: "bit" }, bit)));
  if (node.children) item.append(make("ul", {}, ...node.children.map((child) => shownNode(child, bytes, pressed))));
  return item;
}

async function copyCode(event, button) {
  const { code } = await get(`wires/${event.n}/code`);
  try { await navigator.clipboard.writeText(code); button.textContent = t("copied"); }
  catch { button.replaceWith(make("pre", { class: "code" }, code)); }
}
