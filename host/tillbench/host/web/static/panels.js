// The tabs at the side: bench, acquirer, books.

import { act as send, fill, get, make } from "./api.js";
import { onLanguage, t } from "./words.js";

const RULES = [
  ["declined", { answer: "51" }], ["silent", { silent: true }], ["late", { delay: 70000 }], ["lostreq", { lost: true }],
  ["badmac", { wrong: "mac" }], ["dropped", { close: true }], ["partial", { partial: 50 }],
];
const BOOKS_AFTER_MS = 1500;
const panels = { bench, host, books };
let snapshot = null;
let shown = "bench";
let later = null;
let reading = 0;

// What was read before something was done shows switches as they were: it is not drawn.
function act(...what) { reading += 1; return send(...what); }

const money = (amount) => (amount / 100).toFixed(2);
const button = (word, job, kind = "act") => make("button", { class: kind, type: "button", onclick: job }, t(word));
const heading = (word) => make("h3", {}, t(word));

function table(heads, rows) {
  if (!rows.length) return make("p", { class: "hint" }, t("none"));
  return make("div", { class: "table" }, make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(([word, kind]) => make("th", { scope: "col", class: kind || null }, t(word))))),
    make("tbody", {}, ...rows)));
}

const row = (cells, kinds, attributes = {}) => make("tr", attributes, ...cells.map((cell, at) => make("td", { class: kinds[at] || null }, cell)));

function toggle(word, on, change, disabled = false) {
  const input = make("input", { type: "checkbox", role: "switch", disabled });
  input.checked = on;
  input.addEventListener("change", () => change(input.checked));
  return make("label", { class: "switch" }, input, t(word));
}

// Whoever types into a panel keeps it until they do something with it.
const typing = (panel) => panel.contains(document.activeElement) && document.activeElement.matches("input[type=number]");

// Bench

async function bench(panel, stale) {
  const read = await get("");
  const found = await get("faults");
  if (stale() || typing(panel)) return;
  snapshot = read;
  const { printer } = snapshot;
  const writes = make("input", { type: "number", min: 1, max: 9999, value: 3, id: "writes" });
  const nulls = make("input", { type: "number", min: 0, max: 1000, value: found.slot.nulls, id: "nulls" });
  const leaves = make("input", { type: "number", min: 0, max: 1000, value: found.slot.out_after_exchanges ?? "", id: "leaves" });
  const cell = make("input", { type: "number", min: 0, max: 4500, step: 100, value: snapshot.battery.mv, id: "battery" });
  const mute = make("input", { type: "checkbox", id: "mute" });
  mute.checked = found.slot.mute;
  const slot = (body) => act("PATCH", "faults", { slot: body }).then(refresh);
  fill(panel,
    heading("peripherals"),
    make("div", { class: "row" }, toggle("power", snapshot.powered, (on) => act("PUT", "power", { on }).then(refresh))),
    snapshot.network_up === null ? null : make("div", { class: "row" }, toggle("network", snapshot.network_up, (on) => act("PATCH", "faults", { network_up: on }).then(refresh))),
    make("div", { class: "row" }, toggle("caseshut", !snapshot.case_open, (shut) => act("PUT", "case", { open: !shut }).then(refresh))),
    make("div", { class: "row" }, toggle("cover", !printer.cover_open, (closed) => act("PATCH", "printer", { cover_open: !closed }).then(refresh))),
    make("div", { class: "row" }, toggle("jam", printer.cutter_jammed, (jammed) => act("PATCH", "printer", { cutter_jammed: jammed }).then(refresh))),
    make("div", { class: "row" }, `${t("loaded")}: `, make("output", { class: printer.paper_end ? "not" : null, id: "paper-left" }, t("mm", printer.paper_mm)),
      button("paperout", () => act("PATCH", "printer", { paper_mm: 0 }).then(refresh)), button("load", () => act("PATCH", "printer", { paper_mm: 30000 }).then(refresh))),
    make("div", { class: "row spread" }, make("label", { for: "battery" }, t("battery")), cell,
      button("putin", () => act("POST", "battery", { mv: Number(cell.value) }).then(refresh))),
    heading("cutpower"),
    make("div", { class: "row" }, make("label", { for: "writes" }, t("writes")), writes,
      button("arm", async () => {
        if (snapshot.powered) await act("PUT", "power", { on: false });
        await act("PUT", "power", { on: true, cut_after_writes: Number(writes.value) });
        refresh();
      })),
    heading("slotfaults"),
    make("div", { class: "row" }, mute, make("label", { for: "mute" }, t("mute"))),
    make("div", { class: "row spread" }, make("label", { for: "nulls" }, t("nulls")), nulls),
    make("div", { class: "row spread" }, make("label", { for: "leaves" }, t("leaves")), leaves),
    make("div", { class: "row" }, button("apply", () => slot({ mute: mute.checked, nulls: Number(nulls.value), out_after_exchanges: leaves.value === "" ? null : Number(leaves.value) }), "act strong"),
      button("behave", () => slot({}))),
    heading("memory"),
    make("div", { id: "gauges" }),
    heading("violations"),
    make("ul", { class: "plain mono" }, ...(found.violations.length ? found.violations.slice(-8) : [t("none")]).map((each) => make("li", {}, each))),
  );
  gauges(panel.querySelector("#gauges"));
}

async function gauges(place) {
  snapshot.heap = await get("heap");
  const { heap, flash } = snapshot;
  const gauge = (word, used, size, text) => {
    const bar = make("i");
    bar.style.width = `${Math.min(100, (100 * used) / size)}%`;
    return make("div", { class: "gauge" }, make("span", {}, t(word)), make("span", { class: "track" }, bar), make("span", { class: "mono" }, text));
  };
  const kb = (bytes) => `${Math.round(bytes / 1024)} KB`;
  place.replaceChildren(
    ...(heap ? [gauge("heap", heap.used, heap.used + heap.free, `${kb(heap.used)} / ${kb(heap.used + heap.free)}`)] : []),
    gauge("flash", flash.written, flash.size, `${kb(flash.written)} / ${kb(flash.size)}`));
}

// Acquirer

async function host(panel, stale) {
  let found;
  try { found = await get("acquirer"); }
  catch { panel.replaceChildren(make("p", { class: "hint" }, t("elsewhere"))); return; }
  const [accounts, settlement, audit] = await Promise.all([get("acquirer/accounts"), get("acquirer/settlement"), get("acquirer/audit")]);
  if (stale()) return;
  const rule = (name, what) => act("POST", "acquirer/rules", { name, when: { message: "0200" }, do: what, times: 1 }).then(refresh);
  fill(panel,
    make("div", { class: "row spread" }, make("span", { class: found.signed_on ? "ok" : "not" }, t(found.signed_on ? "signedon" : "notsignedon")),
      make("span", { class: "mono" }, `${found.terminal} · ${found.merchant}`)),
    make("div", { class: "row" }, `${t("batch")} `, make("b", { class: "mono" }, String(found.batch)), ` ${t("stan")} `, make("b", { class: "mono" }, String(found.last_stan)), ` ${t("messages")} `, make("b", { class: "mono" }, String(found.messages))),
    make("div", { class: "row" }, button("again", () => act("POST", "acquirer/wishes", { digit: "3" }).then(refresh))),
    heading("nextmessage"),
    make("div", { class: "row" }, ...RULES.map(([word, what]) => button(word, () => rule(word, what)))),
    heading("rules"),
    make("ul", { class: "plain", id: "rules" }, ...(found.rules.length ? found.rules : [t("none")]).map((each) => make("li", {}, each))),
    button("behave", () => act("DELETE", "acquirer/rules").then(refresh)),
    heading("accounts"),
    accountTable(accounts),
    heading("settlement"),
    table([["batch"], ["state"], ["bycount"], ["cards"], ["debits", "num"], ["credits", "num"]], settlement.map((side) => row(
      [side.batch, side.state, side["counted by"], side.cards, `${side.debits} · ${side.debited}`, `${side.credits} · ${side.credited}`], ["code", "", "", "", "num", "num"]))),
    heading("audit"),
    make("ul", { class: "plain" }, ...(audit.length ? audit : [t("right")]).map((each) => make("li", { class: audit.length ? "not" : "ok" }, each))),
  );
}

let account = null;

function accountTable(accounts) {
  const change = (body) => act("PATCH", `acquirer/accounts/${account}`, body).then(refresh);
  const chosen = accounts.find((card) => card.id === account) || accounts[0];
  account = chosen?.id;
  const rows = accounts.map((card) => row(
    [make("button", { class: "pick", type: "button", "aria-pressed": String(card.id === account), onclick: () => { account = card.id; refresh(); } }, card.pan),
      money(card.balance), money(card.held), String(card.pin_tries_left), card.status], ["code", "num", "num", "num", ""]));
  return make("div", {}, make("div", { class: "accounts" }, table([["cardno"], ["balance", "num"], ["held", "num"], ["tries", "num"], ["status"]], rows)),
    chosen ? make("div", { class: "row" }, make("span", { class: "mono" }, chosen.pan),
      button(chosen.status === "active" ? "block" : "unblock", () => change({ status: chosen.status === "active" ? "blocked" : "active" })),
      button("reset", () => change({ pin_tries_left: 3 })), button("pay", () => change({ balance: chosen.balance + 10000 }))) : null);
}

// Books, side by side: what the terminal believes and what the host believes

async function books(panel) {
  const place = make("div");
  panel.replaceChildren(make("div", { class: "row" }, button("refresh", refresh)), place);
  const parts = [];
  try {
    const { transactions } = await get("application/journal");
    const { totals } = await get("application/totals");
    parts.push(heading("journal"), table([["trace", "num"], ["type"], ["amount", "num"], ["code"], ["state"]], transactions.map((each) => row(
      [String(each.stan), each.type, money(each.amount), each.response_code, each.state], ["num", "", "num", "code", ""]))),
      heading("totals"), table([["type"], ["count", "num"], ["sum", "num"]], Object.entries(totals).map(([name, sums]) => row([name, String(sums[0]), money(sums[1])], ["", "num", "num"]))));
  } catch { parts.push(heading("journal"), make("p", { class: "hint" }, t("busy"))); }
  try {
    const ledger = await get("acquirer/ledger?last=50");
    parts.push(heading("ledger"), table([["trace", "num"], ["type"], ["amount", "num"], ["code"], ["state"]], [...ledger].reverse().map((each) => row(
      [each.stan, each.kind, each.amount, each.code, each["in force"] === "yes" ? "✓" : "–"], ["num", "", "num", "code", ""], { class: each["in force"] === "yes" ? null : "off" }))));
  } catch { parts.push(heading("ledger"), make("p", { class: "hint" }, t("elsewhere"))); }
  place.replaceChildren(...parts);
}

// Tabs

export function addPanel(name, fill) { panels[name] = fill; }

export function refresh() {
  const panel = document.getElementById(`panel-${shown}`);
  const mine = (reading += 1);
  return panels[shown](panel, () => mine !== reading).catch((error) => panel.replaceChildren(make("p", { class: "hint" }, error.message)));
}

export function begin() {
  const tabs = document.getElementById("tabs");
  const names = Object.keys(panels);
  const choose = (name, focus) => {
    shown = name;
    for (const each of names) {
      const tab = document.getElementById(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      const panel = document.getElementById(`panel-${each}`);
      panel.hidden = each !== name;
      if (panel.hidden) panel.replaceChildren(); // it would be old when it is seen again, and perhaps in another language
      if (focus && each === name) tab.focus();
    }
    refresh();
  };
  tabs.replaceChildren(...names.map((name, at) => {
    const tab = make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "data-t": name, onclick: () => choose(name) }, t(name));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(names[(at + step + names.length) % names.length], true);
    });
    return tab;
  }));
  choose("bench");
  onLanguage(refresh);
}

export function heard(event) {
  const touches = { bench: ["power"], host: ["host", "power"], books: ["host", "printer"] }[shown] || [];
  if (!touches.includes(event.wire)) return;
  clearTimeout(later);
  later = setTimeout(refresh, BOOKS_AFTER_MS);
}
