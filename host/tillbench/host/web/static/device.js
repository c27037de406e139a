// The terminal itself: display, LEDs, buzzer, keypad.

import { act, address, bits, make } from "./api.js";
import { t } from "./words.js";

const KEYBOARD = { Enter: "ENTER", Backspace: "CLEAR", Escape: "CANCEL", ArrowUp: "UP", ArrowDown: "DOWN", m: "MENU", M: "MENU", f: "FN", F: "FN", "*": "*", "#": "#" };
const SHOWN = { UP: "▲", DOWN: "▼" };

const DARK = [8, 12, 20], LIT = [180, 225, 255];
const GLOWS = ["#4cc2a0", "#ffd257", "#ff6b5e", "#62a8ff"];

export function paint(canvas, pixels) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(128, 64);
  const data = bits(pixels);
  for (let at = 0; at < 128 * 64; at++) {
    const colour = data[at >> 3] & (0x80 >> (at & 7)) ? LIT : DARK;
    image.data.set(colour, at * 4);
    image.data[at * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

const screen = document.getElementById("screen");
const screenText = document.getElementById("screen-text");

// A colour panel is drawn as it is, margin and colours: the picture that the bench reads text from is in the middle of it.
let colours = false, asked = 0;

export function useDisplay(name) {
  colours = name !== "SSD1306";
  if (!colours) return;
  [screen.width, screen.height] = [320, 240];
  document.getElementById("body").classList.add("colours");
}

async function paintGlass(frame) {
  const mine = ++asked;
  const response = await fetch(address(`screen.png?scale=1&frame=${frame.frame}`));
  const picture = await createImageBitmap(await response.blob());
  if (mine === asked) screen.getContext("2d").drawImage(picture, 0, 0);
}

export function show(frame) {
  if (colours) paintGlass(frame);
  else paint(screen, frame.pixels);
  screenText.textContent = frame.rows.map((row) => row.trim()).filter(Boolean).join(", ");
}

// LEDs and buzzer

const leds = document.getElementById("leds");

export function showLeds(state) {
  leds.replaceChildren(...Object.keys(state).map((name, at) => {
    const led = make("span", { class: "led", "data-led": name, "data-on": String(state[name]) }, make("i"), make("span", { "data-t": name }, t(name)));
    led.style.setProperty("--glow", GLOWS[at % GLOWS.length]);
    return led;
  }));
}

export function led(event) {
  const [name, state] = event.event.split(" ");
  const found = leds.querySelector(`[data-led="${CSS.escape(name)}"]`);
  if (found) found.dataset.on = String(state === "on");
}

let audio = null, tone = null;

export function sound(on) {
  if (on && !audio) audio = new AudioContext();
  if (!on && audio) { audio.close(); audio = tone = null; }
}

export function buzz(event) {
  if (!audio) return;
  if (tone) { tone.stop(); tone = null; }
  const hz = parseInt(event.event, 10);
  if (!hz) return;
  const gain = audio.createGain();
  gain.gain.value = 0.05;
  gain.connect(audio.destination);
  tone = audio.createOscillator();
  tone.type = "square";
  tone.frequency.value = hz;
  tone.connect(gain);
  tone.start();
}

// Keypad: a key is down as long as a finger is on it.

const keypad = document.getElementById("keypad");
const buttons = new Map();
const down = new Map();

function press(key) {
  if (down.has(key) || !buttons.has(key)) return;
  down.set(key, performance.now());
  buttons.get(key).classList.add("down");
  queue(() => act("PUT", `keys/${encodeURIComponent(key)}`, { down: true }));
}

function release(key) {
  if (!down.has(key)) return;
  down.delete(key);
  buttons.get(key).classList.remove("down");
  queue(() => act("PUT", `keys/${encodeURIComponent(key)}`, { down: false }));
}

// What is done to keys happens in its order; how long a key is down at least is the emulator's matter.
let last = Promise.resolve();

function queue(job) { last = last.then(job); }

export function layKeys(rows) {
  for (const key of rows.flat()) {
    const button = make("button", { class: "key", type: "button", "data-key": key, "aria-label": key },
      key.length > 1 && !SHOWN[key] ? make("small", {}, key) : SHOWN[key] || key);
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      button.setPointerCapture(event.pointerId);
      press(key);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(end, () => release(key));
    // A screen reader, or Space on a key that has the focus, clicks without a pointer.
    button.addEventListener("click", (event) => { if (event.detail === 0) { press(key); release(key); } });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    buttons.set(key, button);
    keypad.append(button);
  }
}

const named = (event) => KEYBOARD[event.key] || (/^[0-9]$/.test(event.key) ? event.key : null);
const WRITES = "input:not([type=checkbox]), select, textarea, dialog *";
const OBEYS = "button, a, summary, [role=tab], [tabindex='0'], input";

document.addEventListener("keydown", (event) => {
  const key = named(event);
  if (!key || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITES)) return;
  // What a mouse has clicked last does not take Enter away from the terminal; what the keyboard has reached does.
  const obeys = event.key === "Enter" ? `:is(${OBEYS}):focus-visible` : OBEYS;
  if (["Enter", "ArrowUp", "ArrowDown"].includes(event.key) && event.target.closest?.(obeys)) return;
  event.preventDefault();
  press(key);
});
document.addEventListener("keyup", (event) => { const key = named(event); if (key) release(key); });
window.addEventListener("blur", () => [...down.keys()].forEach(release));

export function powered(on) { document.getElementById("body").classList.toggle("off", !on); }
