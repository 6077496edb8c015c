// Interactive elements: buttons, menus and inputs. `place` says where they stand and what a choice does:
// {send(action_id, block_id, value, element), inputs: Map(block_id → () => value) | null}

import { h, icon, popup } from "/page/dom.js";
import { confirmed } from "/page/dialogs.js";
import { plain, textObject } from "/page/mrkdwn.js";
import { world } from "/page/world.js";

export function element(spec, blockId, place, label = null) {
  const make = MAKERS[spec.type];
  return make ? make(spec, blockId, place, label) : h("span", { className: "muted" }, `(${spec.type})`);
}

async function send(spec, blockId, place, value, node) {
  if (spec.confirm && !(await confirmed(spec.confirm))) return false;
  node?.classList.add("busy");
  setTimeout(() => node?.classList.remove("busy"), 1200);
  place.send(spec.action_id, blockId, value);
  return true;
}

function button(spec, blockId, place) {
  const content = plain(spec.text.text);
  const node = h("button", {
    type: "button",
    className: `button ${spec.style || ""}`,
    "aria-label": spec.accessibility_label,
    onclick: () => {
      send(spec, blockId, place, spec.value, node).then((sent) => {
        if (sent && spec.url && /^https?:/.test(spec.url)) window.open(spec.url, "_blank", "noopener,noreferrer");
      });
    },
  }, content, spec.url && h("span", { className: "muted", "aria-hidden": "true" }, " ↗"));
  return node;
}

function iconButton(spec, blockId, place) {
  return button({ ...spec, style: "" }, blockId, place);
}

function feedback(spec, blockId, place) {
  const one = (choice) => button({ action_id: spec.action_id, text: choice.text, value: choice.value }, blockId, place);
  return h("span", { className: "row" }, one(spec.positive_button), one(spec.negative_button));
}

function overflow(spec, blockId, place) {
  const node = h("button", { type: "button", className: "button square", "aria-label": "More actions", "aria-haspopup": "menu" }, icon("more"));
  node.onclick = () => popup(node, spec.options.map((option) => ({
    label: option.text.text, note: option.description?.text, run: () => send(spec, blockId, place, option.value, node),
  })));
  return node;
}

function optionsOf(spec) {
  if (spec.type.includes("users")) return Object.values(world.people).filter((p) => !p.is_bot).map((p) => [p.id, p.real_name]);
  if (/channels|conversations/.test(spec.type)) return [...world.channels.values()].filter((c) => c.kind !== "im").map((c) => [c.id, "#" + c.name]);
  return null;
}

function select(spec, blockId, place, label) {
  const many = spec.type.startsWith("multi_");
  const initial = new Set([
    ...(spec.initial_options || []).map((option) => option.value), spec.initial_option?.value,
    spec.initial_user, spec.initial_channel, spec.initial_conversation, ...(spec.initial_users || []),
  ]);
  const make = (value, text) => h("option", { value, selected: initial.has(value) }, text);
  const group = (options) => options.map((option) => make(option.value, option.text.text));
  const entities = optionsOf(spec);
  const body = entities ? entities.map(([value, text]) => make(value, text))
    : spec.option_groups ? spec.option_groups.map((each) => h("optgroup", { label: each.label.text }, group(each.options)))
    : group(spec.options || []);
  const node = h("select", { className: "input", multiple: many, "aria-label": label || spec.placeholder?.text || "Choose" },
    !many && h("option", { value: "" }, spec.placeholder?.text || "Choose…"), body);
  const value = () => many ? [...node.selectedOptions].map((option) => option.value) : node.value || null;
  return chosen(spec, blockId, place, node, "change", value);
}

function choices(spec, blockId, place) {
  const single = spec.type === "radio_buttons";
  const initial = new Set([spec.initial_option?.value, ...(spec.initial_options || []).map((option) => option.value)]);
  const name = `${blockId}-${spec.action_id}-${choices.count = (choices.count || 0) + 1}`;
  const rows = spec.options.map((option) => h("label", { className: "choice" },
    h("input", { type: single ? "radio" : "checkbox", name, value: option.value, checked: initial.has(option.value) }),
    h("span", {}, textObject(option.text), option.description && h("small", {}, textObject(option.description)))));
  const node = h("div", { className: "choices", role: single ? "radiogroup" : "group" }, rows);
  const marked = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  return chosen(spec, blockId, place, node, "change", () => single ? marked()[0] ?? null : marked(), (value) => {
    const wanted = new Set([value].flat());
    node.querySelectorAll("input").forEach((input) => { input.checked = wanted.has(input.value); });
  });
}

function textInput(spec, blockId, place, label) {
  const kinds = { number_input: "number", email_text_input: "email", url_text_input: "url" };
  const node = spec.multiline
    ? h("textarea", { className: "input", rows: 5 })
    : h("input", { className: "input", type: kinds[spec.type] || "text", step: spec.is_decimal_allowed ? "any" : undefined });
  node.value = spec.initial_value || "";
  node.placeholder = spec.placeholder?.text || "";
  if (label) node.setAttribute("aria-label", label);
  if (spec.max_length) node.maxLength = spec.max_length;
  return chosen(spec, blockId, place, node, "change", () => node.value);
}

function picker(spec, blockId, place, label) {
  const type = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[spec.type];
  const node = h("input", { className: "input", type, value: spec.initial_date || spec.initial_time || "", "aria-label": label || type });
  const value = () => spec.type === "datetimepicker" && node.value ? Math.floor(new Date(node.value).getTime() / 1000) : node.value || null;
  return chosen(spec, blockId, place, node, "change", value);
}

/** In a form the value waits for its submission; elsewhere choosing is the action. */
function chosen(spec, blockId, place, node, event, value, restore = null) {
  if (place.inputs) place.inputs.set(blockId, { value, restore: restore || ((old) => { node.value = old ?? ""; }), node });
  if (!place.inputs || spec.dispatches) node.addEventListener(event, () => send(spec, blockId, place, value(), node));
  return node;
}

const MAKERS = {
  button, overflow, icon_button: iconButton, feedback_buttons: feedback,
  static_select: select, multi_static_select: select, users_select: select, multi_users_select: select,
  channels_select: select, conversations_select: select, multi_channels_select: select, multi_conversations_select: select,
  checkboxes: choices, radio_buttons: choices,
  plain_text_input: textInput, number_input: textInput, email_text_input: textInput, url_text_input: textInput,
  datepicker: picker, timepicker: picker, datetimepicker: picker,
};
