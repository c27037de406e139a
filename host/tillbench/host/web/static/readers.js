// The PC/SC readers of this computer: a click lends the terminal the card in one of them, another takes it back.

import { act, fill, get, make } from "./api.js";
import { onLanguage, t } from "./words.js";

const place = document.getElementById("readers");
let found = { readers: [], problem: "" };
let lent = null;

async function look() {
  found = await get("readers");
  place.open = found.readers.length > 0;
  draw();
}

function draw() {
  fill(place, make("summary", {}, t("readers"), " ", make("span", { class: "hint" }, found.problem ? t("unavailable") : String(found.readers.length))),
    found.problem ? make("p", { class: "hint" }, found.problem) : null,
    ...found.readers.map(reader),
    found.readers.length ? make("p", { class: "hint" }, t("onlyours")) : make("button", { class: "act", type: "button", onclick: look }, t("lookagain")));
}

function reader({ name, card, atr }) {
  const here = name === lent;
  return make("button", { class: "reader", type: "button", "data-reader": name, "aria-pressed": String(here), disabled: !card && !here,
    onclick: () => (here ? act("DELETE", "card") : act("PUT", "card", { reader: name })) },
    make("i", { class: "gold" }), make("span", {}, name), make("small", {}, t(here ? "lent" : card ? "lendable" : "noreadercard"), card ? make("span", { class: "mono" }, ` ${atr}`) : null));
}

export async function begin() { await look(); onLanguage(draw); }

export const has = (name) => found.readers.some((each) => each.name === name);

export function slotHolds(name) { lent = name; draw(); }

export function heard(event) {
  if (!event.readers) return;
  found = { readers: event.readers, problem: "" };
  place.open = place.open || found.readers.length > 0;
  draw();
}
