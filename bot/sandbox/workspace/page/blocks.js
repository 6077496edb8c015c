// Shows Block Kit blocks. `place` is passed on to the interactive elements, see elements.js.

import { h } from "/page/dom.js";
import { element } from "/page/elements.js";
import { mrkdwn, plain, textObject } from "/page/mrkdwn.js";
import { richText } from "/page/richtext.js";

export function blocks(list, place) {
  return h("div", { className: "blocks" }, list.map((block) => (MAKERS[block.type] || unknown)(block, place)));
}

function section(block, place) {
  const body = h("div", { className: "section-body" },
    block.text && h("div", { className: "text" }, textObject(block.text)),
    block.fields && h("div", { className: "fields" }, block.fields.map((field) => h("div", { className: "text" }, textObject(field)))));
  if (!block.accessory) return h("div", { className: "block section" }, body);
  const side = block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block.block_id, place);
  return h("div", { className: "block section with-side" }, body, h("div", { className: "side" }, side));
}

function header(block) {
  return h("h3", { className: "block header" }, plain(block.text.text));
}

function context(block) {
  return h("div", { className: "block context" }, block.elements.map((part) =>
    part.type === "image" ? image(part) : h("span", { className: "text" }, textObject(part))));
}

function actions(block, place) {
  return h("div", { className: "block actions" }, block.elements.map((spec) => element(spec, block.block_id, place)));
}

function input(block, place) {
  const label = block.label.text;
  const error = h("p", { className: "input-error", role: "alert", hidden: true, "data-block": block.block_id });
  return h("div", { className: "block form-field" },
    h("div", { className: "label" }, plain(label), block.optional && h("span", { className: "muted" }, " (optional)")),
    element({ ...block.element, dispatches: block.dispatch_action }, block.block_id, place, label),
    block.hint && h("p", { className: "hint" }, plain(block.hint.text)), error);
}

function image(block) {
  return h("span", { className: "image", role: "img", "aria-label": block.alt_text }, block.alt_text);
}

function markdown(block) {
  return h("div", { className: "block text pre-line" }, block.text);
}

function table(block) {
  const cell = (spec, tag) => h(tag, {}, spec.type === "rich_text" ? richText(spec) : spec.text ?? String(spec.value));
  const rows = block.rows.map((row, index) => h("tr", {}, row.map((spec) => cell(spec, index ? "td" : "th"))));
  return h("div", { className: "block table-scroll" }, h("table", {}, rows));
}

function alert(block) {
  return h("div", { className: `block alert ${block.level || "default"}`, role: "note" }, textObject(block.text));
}

function unknown(block) {
  return h("div", { className: "block muted" }, `(${block.type})`);
}

const MAKERS = {
  section, header, context, actions, context_actions: actions, input, image, markdown, table, alert,
  divider: () => h("hr", { className: "block" }),
  rich_text: (block) => h("div", { className: "block" }, richText(block)),
};

/** What a message shows: its blocks, or its text, then attachments. */
export function content(message, place) {
  const own = message.blocks?.length ? blocks(message.blocks, place) : message.text ? h("div", { className: "text" }, mrkdwn(message.text)) : null;
  const attached = (message.attachments || []).map((attachment) => {
    const node = h("div", { className: "attachment" },
      attachment.title && h("b", {}, mrkdwn(attachment.title)),
      attachment.text && h("div", { className: "text" }, mrkdwn(attachment.text)),
      attachment.blocks && blocks(attachment.blocks, place));
    const colors = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };
    const color = colors[attachment.color] || (/^#?[0-9a-f]{6}$/i.test(attachment.color || "") ? "#" + attachment.color.replace("#", "") : "");
    if (color) node.style.borderLeftColor = color;
    return node;
  });
  return [own, attached];
}
