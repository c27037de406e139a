// The tray of cards and the slot: by click, by dragging, or by the three buttons below the slot.

import { act, get, make } from "./api.js";
import * as readers from "./readers.js";
import { onLanguage, t } from "./words.js";

const SHOWN_FIRST = ["unionpay-debit", "visa-credit", "mastercard-credit", "unionpay-poor", "visa-blocked", "amex-credit", "jcb-credit"];
const MOST = 24;
const FAR = 8;
const tray = document.getElementById("tray");
const slot = document.getElementById("slot");
const inserted = document.getElementById("inserted");
const depth = document.getElementById("depth");
const search = document.getElementById("card-search");
let cards = [];
let now = { name: null, depth: null };
let chosen = null;

export async function begin(state) {
  cards = await get("cards");
  const first = cards[0].name;
  const rank = (card) => { if (card.name === first) return -1; const at = SHOWN_FIRST.indexOf(card.name); return at < 0 ? 99 : at; };
  cards.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  chosen = state.name || cards[0].name;
  draw();
  inSlot(state);
}

function plastic(card) {
  return make("button", { class: "plastic", type: "button", "data-scheme": card.scheme, "data-card": card.name, title: card.summary },
    make("span", { class: "top" }, card.scheme, make("i", { class: "gold" })),
    make("span", { class: "pan" }, card.pan), make("span", { class: "name" }, card.name));
}

function draw() {
  const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = cards.filter((card) => words.every((word) => `${card.name} ${card.summary} ${card.scheme}`.toLowerCase().includes(word)));
  search.placeholder = t("cardsearch", cards.length);
  tray.replaceChildren(...found.slice(0, MOST).filter((card) => card.name !== now.name).map((card) => {
    const button = plastic(card);
    drag(button, (x, y) => drop(card.name, x, y), () => clicked(card.name));
    return make("li", {}, button);
  }));
  const steps = [["out", null], ["half", "half"], ["in", "full"]];
  depth.replaceChildren(...steps.map(([word, how]) => make("button", { type: "button", "data-depth": word,
    "aria-pressed": String(now.depth === how), onclick: () => (how ? put(now.name || chosen, how) : pull()) }, t(word))));
}

// What a click does: the slot, the stripe reader, or the contactless field.
const HOW = {
  insert: (name) => put(name, "full"),
  swipe: (name) => act("POST", "card/swipe", { name }),
  damaged: (name) => act("POST", "card/swipe", { name, damaged: true }),
  tap: (name) => act("POST", "card/tap", { name }),
};
const how = document.getElementById("card-how");
const clicked = (name) => HOW[how.value](name);

function fillHow() {
  const before = how.value || "insert";
  how.replaceChildren(...Object.keys(HOW).map((each) => make("option", { value: each, selected: each === before }, t(each))));
}

search.addEventListener("input", draw);
onLanguage(fillHow);
fillHow();
onLanguage(() => { if (cards.length) draw(); });

export function inSlot(state) {
  now = state;
  if (now.name) chosen = now.name;
  readers.slotHolds(now.name);
  inserted.className = `inserted ${now.depth || ""}`;
  const card = cards.find((each) => each.name === now.name) || (now.name && { name: now.name, scheme: "", pan: "", summary: "" });
  inserted.replaceChildren();
  if (card) {
    const button = plastic(card);
    button.setAttribute("aria-label", `${card.name}: ${t("out")}`);
    drag(button, (x, y) => { if (y > inserted.getBoundingClientRect().top + 60) pull(); }, pull);
    inserted.append(button);
  }
  draw();
}

export function heard(event) {
  const found = /^(.+?) (half )?(inserted|removed)$/.exec(event.event);
  if (found) inSlot(found[3] === "removed" ? { name: null, depth: null } : { name: found[1], depth: found[2] ? "half" : "full" });
}

const put = (name, how) => {
  if (now.name !== name || now.depth !== how) return act("PUT", "card", { [readers.has(name) ? "reader" : "name"]: name, depth: how });
};
const pull = () => now.name && act("DELETE", "card");

// Let go over the slot it goes in; over its lower edge only half.
function drop(name, x, y) {
  const box = slot.getBoundingClientRect();
  if (x < box.left || x > box.right || y < box.top - 60 || y > box.bottom + 30) return;
  put(name, y > box.bottom - 6 ? "half" : "full");
}

function drag(button, dropped, clicked) {
  let start = null, flying = null, moved = false;
  button.addEventListener("pointerdown", (event) => { start = [event.clientX, event.clientY]; moved = false; button.setPointerCapture(event.pointerId); });
  button.addEventListener("pointermove", (event) => {
    if (!start) return;
    if (!flying && Math.hypot(event.clientX - start[0], event.clientY - start[1]) > FAR) {
      moved = true;
      flying = button.cloneNode(true);
      flying.removeAttribute("data-card");
      flying.setAttribute("aria-hidden", "true");
      flying.classList.add("flying");
      document.body.append(flying);
    }
    if (!flying) return;
    flying.style.left = `${event.clientX - 85}px`;
    flying.style.top = `${event.clientY - 20}px`;
    const box = slot.getBoundingClientRect();
    slot.classList.toggle("over", event.clientX > box.left && event.clientX < box.right && event.clientY > box.top - 60 && event.clientY < box.bottom + 30);
  });
  const end = (event) => {
    if (flying) { flying.remove(); flying = null; slot.classList.remove("over"); if (event.type === "pointerup") dropped(event.clientX, event.clientY); }
    start = null;
  };
  for (const name of ["pointerup", "pointercancel"]) button.addEventListener(name, end);
  button.addEventListener("click", () => { if (!moved) clicked(); moved = false; });
}
