// The panel beside the conversation: what this is, the README's steps as a checklist, what is broken, your own terminal.

import { perform, toast } from "/page/dialogs.js";
import { h, icon, replace } from "/page/dom.js";
import { world } from "/page/world.js";

const STORE = "tour";
const done = new Set(JSON.parse(sessionStorage.getItem(STORE) || "[]"));
let wanted = ""; // what was typed into the search
let chosen = ""; // id of the application whose faults are shown
let redraw = () => {};

/** A step of the tour: its id, what to do, and what to look at. `go` helps with it. */
const STEPS = [
  { id: "card", title: "Read the card", text: "Sam pasted an error into #incidents. The card in the thread says what is broken, since when, the one cause, and the best fix." },
  { id: "details", title: "Press Details", text: "Failing checks first, then what could not be seen; each with the kubectl command that asks the same." },
  { id: "fix", title: "Press Raise memory to 2Gi …, then Apply", text: "A dry run shows the field that would change. The card follows the rollout, checks again, turns green, and offers Undo." },
  { id: "break", title: "Break something else", text: "Choose “Policy blocks the API” below, under Onyx. A few seconds later paste “Connection refused” again: another cause, another card." },
  { id: "approve", title: "Let somebody else approve it", text: "Its fix is of high risk: ask for approval, act as Sam on the left, and press Approve in the thread. Gale, a guest, is refused." },
  { id: "ask", title: "Ask without an error", text: "Type /triage onyx, or /triage alone; break Immich or the shop below and ask for them, too. “Just chatter” gets no answer." },
  { id: "terminal", title: "Use your own terminal", text: "With the line below, every command on the card can be pasted." },
];

/** What this is, in three sentences; a phone shows them above the conversation. */
export const INTRODUCTION = [
  "Triage names the root cause of a Kubernetes incident and shows its evidence.",
  "Here it watches a simulated cluster in which Onyx, a chat app, is broken; nothing leaves this machine.",
  "Whoever may, repairs it from the card.",
];

/** Note that a step was done. */
export function achieved(step) {
  if (done.has(step)) return;
  done.add(step);
  sessionStorage.setItem(STORE, JSON.stringify([...done]));
  redraw();
}

/** What messages and modals show of the tour: called with everything that arrives. */
export function watch(kind, data) {
  if (kind === "views" && data.some((view) => view.title?.text === "Details")) achieved("details");
  const text = kind === "message" || kind === "ephemeral" ? data.text || "" : "";
  if (/\bFixed · /.test(text)) achieved("fix");
  if (/\bApproved · /.test(text)) achieved("approve");
  if (kind === "ephemeral" && data.user === world.bot) achieved("ask");
}

/** Draw the panel. */
export function panel(node, close) {
  redraw = () => panel(node, close);
  const typing = node.querySelector("input[type=search]") === document.activeElement;
  const top = node.querySelector(".panel-body")?.scrollTop || 0;
  replace(node,
    h("header", { className: "bar" }, h("div", { className: "grow" }, h("h2", {}, "Tour"), h("small", { className: "muted" }, "Not part of Slack")),
      h("button", { type: "button", className: "plain-button", "aria-label": "Close the tour", onclick: close }, icon("close"))),
    h("div", { className: "panel-body" },
      h("section", { className: "control intro" },
        INTRODUCTION.map((sentence) => h("p", {}, sentence))),
      steps(), breaking(), terminal(), state()));
  const search = node.querySelector("input[type=search]");
  if (typing && search) { search.focus(); search.setSelectionRange(wanted.length, wanted.length); }
  const body = node.querySelector(".panel-body");
  if (body) body.scrollTop = top;
}

function steps() {
  const next = STEPS.find((step) => !done.has(step.id));
  return h("section", { className: "control", "aria-labelledby": "tour-steps" },
    h("h3", { id: "tour-steps" }, "Try it ", h("span", { className: "muted" }, `${STEPS.filter((step) => done.has(step.id)).length} of ${STEPS.length}`)),
    h("ol", { className: "steps" }, STEPS.map((step, index) => h("li", { className: done.has(step.id) ? "step done" : step === next ? "step next" : "step" },
      h("button", { type: "button", className: "tick", "aria-pressed": String(done.has(step.id)), "aria-label": `Step ${index + 1}: ${step.title}`, onclick: () => toggle(step.id) },
        done.has(step.id) ? icon("check") : String(index + 1)),
      h("div", {}, h("b", {}, step.title), (step === next || !done.has(step.id)) && h("p", {}, step.text))))));
}

function toggle(step) {
  if (done.has(step)) done.delete(step); else done.add(step);
  sessionStorage.setItem(STORE, JSON.stringify([...done]));
  redraw();
}

/** One place to break any application: its tab, a search through all of them, and its faults in plain words. */
function breaking() {
  if (!world.controls.length) return null;
  const shown = world.controls.find((spec) => spec.id === chosen) || world.controls[0];
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const many = world.controls.length > 1;
  const found = words.length ? world.controls.map((spec) => faults(spec, words, many)).filter(Boolean) : null;
  return h("section", { className: "control" }, h("h3", {}, "Break something"),
    h("input", { type: "search", placeholder: "Search, for example memory", "aria-label": "Search the faults", value: wanted,
      oninput: (event) => { wanted = event.target.value; redraw(); } }),
    !found && many && h("div", { className: "app-tabs", role: "tablist" }, world.controls.map((spec) => h("button", {
      type: "button", role: "tab", className: "tab", "aria-selected": String(spec === shown), onclick: () => { chosen = spec.id; redraw(); } }, spec.label))),
    found ? (found.length ? found : h("p", { className: "muted" }, "Nothing is called so.")) : faults(shown, [], false));
}

function faults(spec, words, named) {
  const fits = (option) => words.every((word) => `${option.label} ${option.group} ${spec.label}`.toLowerCase().includes(word));
  const groups = new Map();
  for (const option of spec.options.filter(fits)) groups.set(option.group, [...(groups.get(option.group) || []), option]);
  if (!groups.size) return null;
  const current = spec.options.find((option) => option.value === spec.current);
  return h("div", { className: "faults" }, named && h("h4", { className: "app-name" }, spec.label),
    !named && spec.note && h("p", { className: "note muted" }, spec.note),
    !named && current && h("p", { className: "current", role: "status" }, "Chosen: ", h("b", {}, current.label)),
    h("div", { role: "radiogroup", "aria-label": `What is broken in ${spec.label}` }, [...groups].map(([group, options]) => [
      group && h("h4", {}, group),
      options.map((option) => h("label", { className: "choice" },
        h("input", { type: "radio", name: spec.id, value: option.value, checked: option.value === spec.current, onchange: () => choose(spec, option) }),
        h("span", {}, option.label)))])));
}

function choose(spec, option) {
  achieved("break");
  chosen = spec.id;
  perform("control", { id: spec.id, value: option.value });
}

function terminal() {
  if (!world.shell) return null;
  const copy = async () => {
    achieved("terminal");
    try { await navigator.clipboard.writeText(world.shell); toast("Copied."); } catch { toast("Select the line and copy it."); }
  };
  return h("section", { className: "control" }, h("h3", {}, "Your own terminal"), h("pre", { className: "code shell", tabIndex: 0 }, world.shell),
    h("button", { type: "button", className: "button", onclick: copy }, "Copy"));
}

function state() {
  return h("section", { className: "control" }, h("h3", {}, "Bot"), h("p", { className: world.connections ? "state good" : "state bad" },
    world.connections ? `Connected${world.connections > 1 ? ` ${world.connections} times` : ""}, Socket Mode` : "Not connected"));
}
