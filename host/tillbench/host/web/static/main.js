// The page of one terminal; without one, and with several there, the start page with all of them.

import { Refused, get, listen, make, number, onComplaint } from "./api.js";
import * as cards from "./cards.js";
import * as clock from "./clock.js";
import * as device from "./device.js";
import * as panels from "./panels.js";
import * as paper from "./paper.js";
import * as readers from "./readers.js";
import { scenes } from "./scenes.js";
import * as timeline from "./timeline.js";
import { firstLanguage, language, onLanguage, setLanguage, t } from "./words.js";

const TOLD_MS = 6000;
const link = document.getElementById("link");
const tell = (text, waits = false) => { link.textContent = text; link.classList.toggle("wait", waits); };

onComplaint((text) => {
  const toast = make("div", { class: "toast" }, text);
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), TOLD_MS);
});

function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("tillbench-theme", name);
}
theme(localStorage.getItem("tillbench-theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
document.getElementById("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));

const languageButton = document.getElementById("language");
onLanguage(() => { languageButton.textContent = language() === "zh" ? "English" : "中文"; languageButton.lang = language() === "zh" ? "en" : "zh"; });
languageButton.addEventListener("click", () => setLanguage(language() === "zh" ? "en" : "zh"));

const soundButton = document.getElementById("sound");
soundButton.addEventListener("click", () => {
  const on = soundButton.getAttribute("aria-pressed") !== "true";
  soundButton.setAttribute("aria-pressed", String(on));
  device.sound(on);
});

const HEARERS = { screen: device.show, leds: device.led, buzzer: device.buzz, card: cards.heard, bench: readers.heard };

function heard(event) {
  if (event.wire === "screen" && event.pixels) device.show(event);
  else if (event.wire === "printer") paper.printed(event);
  else if (event.wire === "power") powered(event.event === "on");
  else HEARERS[event.wire]?.(event);
  timeline.heard(event);
  panels.heard(event);
}

async function powered(on) {
  device.powered(on);
  if (!on) device.show(await get("screen"));
}

async function terminal(all) {
  const nav = document.getElementById("terminals");
  if (all.length > 1) {
    nav.hidden = false;
    nav.append(make("a", { href: "/", "data-t": "overview" }, t("overview")));
    for (const each of all) nav.append(make("a", { href: each.page, "aria-current": each.number === number ? "page" : null }, String(each.number)));
  }
  timeline.begin();
  panels.addPanel("scenes", scenes);
  panels.begin();
  clock.begin();
  const state = await get("");
  device.useDisplay(state.display);
  device.showLeds(state.leds);
  device.powered(state.powered);
  await Promise.all([
    get("screen").then(device.show),
    get("keys").then(device.layKeys),
    paper.begin(),
    readers.begin().then(() => cards.begin(state.card)),
    get("wires?since=0").then((kept) => kept.filter((event) => event.n <= state.last_event).forEach(timeline.heard)),
  ]);
  listen(state.last_event, heard, (up) => tell(up ? "" : t("lost")));
  setInterval(() => timeline.drift(clock.nowUs()), 250);
  document.documentElement.dataset.ready = "true";
}

async function overview(all) {
  const main = document.querySelector("main");
  main.className = "overview";
  document.querySelector(".clock").remove();
  soundButton.remove();
  const canvases = await Promise.all(all.map(async (each) => {
    const canvas = make("canvas", { width: 128, height: 64, role: "img", "aria-label": `${t("terminal")} ${each.number}` });
    const text = make("p");
    return { each, canvas, text, node: make("a", { href: each.page }, make("h2", {}, `${t("terminal")} ${each.number}`), canvas, text) };
  }));
  main.replaceChildren(...canvases.map(({ node }) => node));
  for (const { each, canvas, text } of canvases) {
    const show = (frame) => { device.paint(canvas, frame.pixels); text.textContent = frame.rows.map((row) => row.trim()).filter(Boolean).join(" · "); };
    show(await get(`${each.api}/screen`));
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${each.api}/events`);
    socket.onmessage = (message) => { const event = JSON.parse(message.data); if (event.pixels) show(event); };
  }
  document.documentElement.dataset.ready = "true";
}

setLanguage(firstLanguage());
tell(t("starting"), true);
try {
  const all = await get("/api/terminals");
  tell("");
  if (all.length > 1 && !new URLSearchParams(location.search).has("terminal")) await overview(all);
  else await terminal(all);
} catch (error) {
  tell(error instanceof Refused ? error.message : t("lost"));
  throw error;
}
