// Turns Slack's mrkdwn, emoji codes and <…> tokens into nodes. The text is hostile: only text nodes come out of it.

import { h } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { channelName, clockTime, dayName, person, world } from "/page/world.js";

const INLINE = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+):|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/g;

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A fragment for a text object, `{type, text}`. */
export function textObject(object, single = false) {
  if (!object) return document.createDocumentFragment();
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text, single);
}

/** plain_text: nothing but emoji codes and line breaks. */
export function plain(text) {
  const out = document.createDocumentFragment();
  let at = 0;
  for (const found of text.matchAll(/:([a-z0-9_+'-]+):/g)) {
    const sign = emoji(found[1]);
    if (!sign) continue;
    lines(out, text.slice(at, found.index));
    out.append(sign);
    at = found.index + found[0].length;
  }
  lines(out, text.slice(at));
  return out;
}

export function mrkdwn(text) {
  const out = document.createDocumentFragment();
  text.split("```").forEach((part, index, parts) => {
    const unclosed = index === parts.length - 1 && index % 2 === 1;
    if (index % 2 === 1 && !unclosed) out.append(fence(part));
    else if (part || unclosed) quoted(out, unclosed ? "```" + part : part);
  });
  return out;
}

function fence(part) {
  const pre = h("pre", { className: "code" });
  const source = part.replace(/^\n/, "").replace(/\n$/, "");
  let at = 0;
  for (const found of source.matchAll(/<(https?:[^<>|\n]+)(?:\|([^<>\n]*))?>/g)) {
    pre.append(unescape(source.slice(at, found.index)), unescape(found[2] || found[1]));
    at = found.index + found[0].length;
  }
  pre.append(unescape(source.slice(at)));
  return pre;
}

function quoted(out, text) {
  let quote = null;
  const rows = text.split("\n");
  rows.forEach((row, index) => {
    const inside = row.match(/^&gt; ?(.*)$/);
    if (inside) {
      if (!quote) { quote = h("blockquote"); out.append(quote); } else quote.append(h("br"));
      inline(quote, inside[1]);
      return;
    }
    if (index > 0 && !quote) out.append(h("br"));
    quote = null;
    inline(out, row);
  });
}

function inline(out, text) {
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    const node = token(found);
    if (node === null) continue;
    if (found.index > at) out.append(unescape(text.slice(at, found.index)));
    out.append(node);
    at = found.index + found[0].length;
  }
  if (at < text.length) out.append(unescape(text.slice(at)));
  return out;
}

function token([, code, angle, sign, bold, italic, strike]) {
  if (code !== undefined) return h("code", {}, unescape(code));
  if (angle !== undefined) return angled(angle);
  if (sign !== undefined) return emoji(sign);
  if (bold !== undefined) return inline(h("b"), bold);
  if (italic !== undefined) return inline(h("i"), italic);
  if (strike !== undefined) return inline(h("s"), strike);
  return null;
}

function angled(body) {
  const [target, label] = split(body);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelLink(target.slice(1));
  if (target.startsWith("!subteam^")) return h("span", { className: "mention" }, "@" + (world.usergroups[target.slice(9)] || target.slice(9)));
  if (target.startsWith("!date^")) return date(target.split("^"), label);
  if (target.startsWith("!")) return h("span", { className: "mention loud" }, "@" + target.slice(1));
  return link(unescape(target), label ? unescape(label) : null);
}

function split(body) {
  const bar = body.indexOf("|");
  return bar < 0 ? [body, null] : [body.slice(0, bar), body.slice(bar + 1)];
}

export function mention(id) {
  return h("span", { className: id === world.me || id === world.bot ? "mention me" : "mention" }, "@" + person(id).name);
}

export function channelLink(id) {
  return h("span", { className: "mention" }, "#" + channelName(id));
}

/** A link; anything but http, https and mailto stays text. */
export function link(url, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return document.createTextNode(label || url);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url.replace(/^mailto:/, ""));
}

function date(parts, fallback) {
  const moment = new Date(Number(parts[1]) * 1000);
  if (Number.isNaN(moment.getTime())) return document.createTextNode(unescape(fallback || ""));
  return h("time", { dateTime: moment.toISOString(), title: moment.toString() }, formatDate(moment, parts[2] || ""));
}

/** Slack's date format, in this person's time zone. */
export function formatDate(moment, format) {
  const local = (options) => moment.toLocaleDateString([], options);
  const pretty = (options) => { const name = dayName(moment); return name.endsWith("day") && !name.includes(" ") ? name.toLowerCase() : local(options); };
  const short = { month: "short", day: "numeric" };
  const values = {
    date_num: local({ year: "numeric", month: "2-digit", day: "2-digit" }),
    date: local({ year: "numeric", month: "long", day: "numeric" }),
    date_short: local({ ...short, year: "numeric" }),
    date_long: local({ weekday: "long", year: "numeric", month: "long", day: "numeric" }),
    date_pretty: pretty({ month: "long", day: "numeric" }),
    date_short_pretty: pretty(short),
    date_long_pretty: pretty({ weekday: "long", month: "long", day: "numeric" }),
    time: clockTime(moment),
    time_secs: clockTime(moment, true),
    ago: ago(moment),
  };
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  return text.charAt(0).toUpperCase() === text.charAt(0) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function ago(moment) {
  const minutes = Math.round((Date.now() - moment) / 60_000);
  if (minutes < 1) return "just now";
  return minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}

function lines(out, text) {
  text.split("\n").forEach((row, index) => {
    if (index) out.append(h("br"));
    if (row) out.append(row);
  });
}
