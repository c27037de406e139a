// Paper: it comes out line by line, hangs when it is cut, and is taken away by tearing.

import { act, address, bits, get, make } from "./api.js";
import { onLanguage, t } from "./words.js";

const WIDTH = 384, ROW_BYTES = WIDTH / 8;
const paper = document.getElementById("paper");
const tearButton = document.getElementById("tear");
const shelf = document.getElementById("shelf");
const dialog = document.getElementById("slip-dialog");
const uncut = make("canvas", { width: WIDTH, height: 1, hidden: true });
const hanging = [];
let rows = [];
let top = 0;
let slips = 0;

export async function begin() {
  const found = await get("printer/paper");
  rows = split(bits(found.rows));
  top = found.top;
  slips = found.slips;
  hanging.length = 0;
  paper.replaceChildren(uncut);
  for (let number = slips - found.hanging + 1; number <= slips; number++) hang(number);
  shelf.replaceChildren();
  const first = Math.max(1, slips - found.hanging - 11);
  for (let number = slips - found.hanging; number >= first; number--) shelf.append(onShelf(number));
  draw();
}

function split(data) {
  const found = [];
  for (let at = 0; at < data.length; at += ROW_BYTES) found.push(data.subarray(at, at + ROW_BYTES));
  return found;
}

export function printed(event) {
  rows.push(...split(bits(event.rows)));
  if (event.cut_at > top) { rows.splice(0, event.cut_at - top); top = event.cut_at; }
  while (slips < event.slips) hang(++slips);
  draw();
}

function hang(number) {
  const image = make("img", { src: address(`slips/${number}.png`), alt: t("slip", number) });
  hanging.push({ number, image });
  paper.insertBefore(image, uncut);
}

function draw() {
  uncut.hidden = rows.length === 0;
  tearButton.disabled = hanging.length === 0 && rows.length < 100;
  document.getElementById("shelf-title").hidden = shelf.childElementCount === 0;
  if (!rows.length) return;
  uncut.height = rows.length;
  const context = uncut.getContext("2d");
  const image = context.createImageData(WIDTH, rows.length);
  const words = new Uint32Array(image.data.buffer);
  rows.forEach((row, y) => {
    for (let x = 0; x < WIDTH; x++) if (row[x >> 3] & (0x80 >> (x & 7))) words[y * WIDTH + x] = 0xff2c2626;
  });
  context.putImageData(image, 0, 0);
}

tearButton.addEventListener("click", async () => {
  tearButton.disabled = true;
  const slip = await act("POST", "printer/tear");
  if (slip) {
    const at = hanging.findIndex((each) => each.number === slip.number);
    if (at >= 0) {
      const [{ image }] = hanging.splice(at, 1);
      image.classList.add("torn");
      setTimeout(() => image.remove(), 450);
    }
    shelf.prepend(onShelf(slip.number));
  }
  draw();
});
paper.addEventListener("click", () => { if (!tearButton.disabled) tearButton.click(); });

function onShelf(number) {
  const image = make("img", { src: address(`slips/${number}.png`), alt: "" });
  return make("li", {}, make("button", { type: "button", onclick: (event) => look(number, event.detail > 0), "data-slip": number }, image, t("slip", number)));
}

async function look(number, byPointer) {
  const words = await get(`slips/${number}.txt`);
  dialog.replaceChildren(
    make("h2", { id: "slip-name" }, t("slip", number)),
    make("img", { src: address(`slips/${number}.png`), alt: words }),
    make("div", { class: "row spread" },
      make("span", {}, make("a", { href: address(`slips/${number}.png`), download: `slip-${number}.png` }, t("picture")), " · ",
        make("a", { href: address(`slips/${number}.txt`), download: `slip-${number}.txt` }, t("text"))),
      make("span", { class: "row" },
        make("button", { class: "act", type: "button", id: "scan-slip", onclick: () => { dialog.close(); act("POST", "scanner", { slip: number }); } }, t("scanslip")),
        make("button", { class: "act", type: "button", id: "close-slip", onclick: () => dialog.close() }, t("close")))));
  dialog.onclose = () => { if (byPointer) document.activeElement.blur(); };
  dialog.showModal();
}

onLanguage(() => { for (const button of shelf.querySelectorAll("[data-slip]")) button.lastChild.textContent = t("slip", button.dataset.slip); });
