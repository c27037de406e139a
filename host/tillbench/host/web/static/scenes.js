// Scenarios: the gallery, playing, recording what one does.

import { act, ask, fill, get, make } from "./api.js";
import { language, t } from "./words.js";

const outcomes = new Map();
const SPEEDS = [1, 5, 20, 100];
let speed = 5;
let playing = null;
let made = null;

const button = (word, job, kind = "act", disabled = false) => make("button", { class: kind, type: "button", disabled, onclick: job }, t(word));

export async function scenes(panel) {
  const [gallery, { since }] = await Promise.all([get("scenarios"), get("recording")]);
  const again = () => scenes(panel);
  const play = async (id, body) => {
    playing = id;
    outcomes.delete(id);
    again();
    try { outcomes.set(id, await ask("POST", "scenarios/play", { ...body, speed })); }
    catch (error) { outcomes.set(id, { passed: false, problem: error.message }); }
    playing = null;
    again();
  };
  const speeds = make("select", { id: "scene-speed" }, ...SPEEDS.map((each) => make("option", { value: each, selected: each === speed }, `${each}×`)));
  speeds.addEventListener("change", () => { speed = Number(speeds.value); });
  const file = make("input", { type: "file", accept: ".yaml,.yml", id: "scene-file", class: "unseen" });
  file.addEventListener("change", async () => { if (file.files[0]) play("file", { yaml: await file.files[0].text() }); });
  const record = since === null
    ? button("record", async () => { await act("POST", "recording"); made = null; again(); })
    : button("stoprec", async () => { made = await act("POST", "recording/stop", { name: "Recorded" }); again(); }, "act strong");
  fill(panel,
    make("div", { class: "row" }, record, since === null ? null : make("span", { role: "status" }, t("recording"))),
    made ? result(made, play) : null,
    make("div", { class: "row" }, make("label", { for: "scene-speed" }, t("speedof")), speeds, file, make("label", { for: "scene-file", class: "act" }, t("choosefile"))),
    verdict("file"),
    make("h3", {}, t("gallery")),
    ...gallery.map((scene) => make("article", { class: "scene", "data-scene": scene.id, "data-state": state(scene.id) },
      make("h4", {}, wording(scene).name, button("play", () => play(scene.id, { id: scene.id }), "act", playing !== null)),
      make("p", {}, wording(scene).look_for), verdict(scene.id))));
}

const wording = (scene) => (language() === "zh" && scene.zh) || scene;

function state(id) {
  const outcome = outcomes.get(id);
  return playing === id ? "playing" : outcome ? (outcome.passed ? "passed" : "failed") : "";
}

function verdict(id) {
  if (playing === id) return make("p", { role: "status" }, t("running"));
  const outcome = outcomes.get(id);
  return outcome ? make("p", { class: outcome.passed ? "ok" : "not", role: "status" }, outcome.passed ? t("passed") : outcome.problem || t("failed")) : null;
}

function result({ yaml, test }, play) {
  if (!yaml) return make("p", { class: "hint" }, t("none"));
  const save = (text, name) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return make("div", { id: "recorded" }, make("h3", {}, t("recorded")), make("pre", { class: "code", tabindex: "0" }, yaml),
    make("div", { class: "row" }, button("saveyaml", () => save(yaml, "scenario.yaml")), button("savetest", () => save(test, "test_recorded.py")),
      button("playrecorded", () => play("recorded", { yaml }))),
    verdict("recorded"), make("pre", { class: "code", tabindex: "0" }, test));
}
