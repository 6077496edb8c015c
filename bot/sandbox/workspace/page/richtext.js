// Shows a rich_text block: structured text without any parsing.

import { append, h } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { channelLink, formatDate, link, mention } from "/page/mrkdwn.js";
import { world } from "/page/world.js";

export function richText(block) {
  const out = h("div", { className: "rich-text" });
  let list = null;
  for (const element of block.elements) {
    if (element.type === "rich_text_list") {
      list = listNode(element);
      out.append(list);
      continue;
    }
    list = null;
    out.append(container(element));
  }
  return out;
}

function container(element) {
  const children = element.elements.map((child) => inline(child, element.type === "rich_text_preformatted"));
  if (element.type === "rich_text_preformatted") return h("pre", { className: "code", tabIndex: 0 }, children);
  if (element.type === "rich_text_quote") return h("blockquote", { className: "pre-line" }, children);
  return h("div", { className: "pre-line" }, children);
}

function listNode(element) {
  const items = element.elements.map((item) => h("li", {}, item.elements.map((child) => inline(child))));
  const node = h(element.style === "ordered" ? "ol" : "ul", { className: `indent-${Math.min(element.indent || 0, 4)}` }, items);
  if (element.style === "ordered" && element.offset) node.start = element.offset + 1;
  return node;
}

function inline(element, verbatim = false) {
  const node = bare(element, verbatim);
  const style = element.style || {};
  let styled = node;
  if (style.code) styled = h("code", {}, styled);
  if (style.strike) styled = h("s", {}, styled);
  if (style.italic) styled = h("i", {}, styled);
  if (style.bold) styled = h("b", {}, styled);
  return styled;
}

function bare(element, verbatim) {
  switch (element.type) {
    case "text": return document.createTextNode(element.text);
    case "link": return verbatim ? document.createTextNode(element.text || element.url) : link(element.url, element.text);
    case "emoji": return emoji(element.name) || document.createTextNode(`:${element.name}:`);
    case "user": return mention(element.user_id);
    case "channel": return channelLink(element.channel_id);
    case "usergroup": return h("span", { className: "mention" }, "@" + (world.usergroups[element.usergroup_id] || element.usergroup_id));
    case "broadcast": return h("span", { className: "mention loud" }, "@" + element.range);
    case "date": return h("time", {}, formatDate(new Date(element.timestamp * 1000), element.format));
    default: return append(document.createDocumentFragment(), [element.text || element.value || ""]);
  }
}
