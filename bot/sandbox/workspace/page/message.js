// Shows one message: author, time, content, files, reactions, thread summary, and the menu that appears beside it.

import { content } from "/page/blocks.js";
import { perform, showText, toast } from "/page/dialogs.js";
import { h, icon, popup } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { unescape } from "/page/mrkdwn.js";
import { fileText } from "/page/server.js";
import { clockTime, newest, person, world } from "/page/world.js";

const HUES = [160, 338, 214, 32, 262, 190, 300, 8];

export function avatar(id, size = "") {
  if (id === world.bot) return h("img", { className: `avatar ${size}`, src: "/page/bot.svg", alt: "" });
  const who = person(id);
  const initials = who.real_name.split(" ").map((word) => word[0]).slice(0, 2).join("");
  const node = h("span", { className: `avatar ${size}`, "aria-hidden": "true" }, initials);
  const hue = HUES[Math.max(0, Object.keys(world.people).indexOf(id)) % HUES.length];
  node.style.setProperty("--hue", hue);
  return node;
}

export function badge(who) {
  return who.badge && h("span", { className: "badge" }, who.badge);
}

/** options: {grouped: same author as above, inThread, openThread(ts)} */
export function message(data, channel, options) {
  const private_ = Boolean(data.is_ephemeral);
  const who = person(data.user);
  const place = {
    inputs: null,
    send: (action_id, block_id, value) => perform("click", { channel, ts: data.ts, action_id, block_id, value }),
  };
  const time = newest(data.ts);
  const stamp = h("time", { className: "stamp", dateTime: time.toISOString(), title: time.toLocaleString() }, clockTime(time));
  const head = options.grouped ? null : h("div", { className: "head" }, h("b", { className: "author" }, who.is_bot ? "Triage" : who.real_name), badge(who), stamp);
  const body = h("div", { className: "body" }, head, content(data, place),
    data.edited && h("span", { className: "muted edited" }, "(edited)"), files(data), reactions(data),
    !options.inThread && data.reply_count ? threadLink(data, options) : null);
  const gutter = h("div", { className: "gutter" }, options.grouped ? stamp : avatar(data.user));
  if (options.grouped) stamp.textContent = clockTime(time).replace(/\s?[AP]M$/i, ""); // the gutter is narrow
  return h("article", { className: `message ${options.grouped ? "grouped" : ""} ${private_ ? "private" : ""}`, "data-ts": data.ts, "aria-label": `${who.real_name}, ${clockTime(time)}` },
    private_ && h("div", { className: "only-you" }, icon("eye"), "Only visible to you", dismiss(data)),
    gutter, body, private_ ? null : tools(data, channel, options));
}

function dismiss(data) {
  return h("button", { type: "button", className: "link-button", onclick: () => perform("dismiss", { ts: data.ts }) }, "Dismiss");
}

function files(data) {
  if (!data.files?.length) return null;
  return h("div", { className: "files" }, data.files.map((file) => h("button", {
    type: "button", className: "file", onclick: async () => showText(file.title || file.name, await fileText(file.id)),
  }, icon("file"), h("span", { className: "file-text" }, h("b", {}, file.title || file.name),
    h("small", {}, size(file.size) + (file.lines ? ` · ${file.lines} lines` : "")),
    file.preview && h("pre", { className: "preview" }, file.preview.split("\n").slice(0, 5).join("\n"))))));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function reactions(data) {
  if (!data.reactions?.length) return null;
  return h("div", { className: "reactions" }, data.reactions.map((each) => h("span", { className: "reaction" }, emoji(each.name) || `:${each.name}:`, " ", each.count)));
}

function threadLink(data, options) {
  const count = data.reply_count;
  return h("button", { type: "button", className: "thread-link", onclick: () => options.openThread(data.ts) },
    (data.reply_users || []).slice(0, 4).map((user) => avatar(user, "tiny")),
    h("b", {}, `${count} ${count === 1 ? "reply" : "replies"}`),
    h("span", { className: "muted" }, `Last reply ${clockTime(newest(data.latest_reply))}`));
}

function tools(data, channel, options) {
  const more = h("button", { type: "button", className: "tool", title: "More actions", "aria-label": "More actions", "aria-haspopup": "menu" }, icon("more"));
  const mine = data.user === world.me && !data.bot_id;
  more.onclick = () => popup(more, [
    ...Object.entries(world.shortcuts).map(([callback_id, label]) => ({ label, note: "Triage", run: () => perform("shortcut", { callback_id, channel, ts: data.ts }) })),
    { label: "Copy text", run: () => copy(data) },
    ...(mine ? [{ label: "Delete message", danger: true, run: () => perform("delete", { channel, ts: data.ts }) }] : []),
  ]);
  const first = Object.entries(world.shortcuts)[0];
  return h("div", { className: "tools", role: "toolbar", "aria-label": "Message actions" },
    first && !data.bot_id && h("button", { type: "button", className: "tool wide", onclick: () => perform("shortcut", { callback_id: first[0], channel, ts: data.ts }) }, first[1]),
    !options.inThread && h("button", { type: "button", className: "tool", title: "Reply in thread", "aria-label": "Reply in thread", onclick: () => options.openThread(data.thread_ts || data.ts) }, icon("reply")),
    more);
}

async function copy(data) {
  try {
    await navigator.clipboard.writeText(unescape(data.text));
    toast("Copied.");
  } catch {
    toast("This browser does not let the page copy.", "bad");
  }
}

/** Something Slack itself says, in the message list. */
export function notice(data) {
  const invite = data.invite && h("button", { type: "button", className: "button", onclick: () => perform("invite", { channel: data.channel }) }, "Invite them");
  return h("article", { className: "message private notice", "data-ts": data.ts },
    h("div", { className: "only-you" }, icon("eye"), "Only visible to you"),
    h("div", { className: "gutter" }, h("span", { className: "avatar slackbot", "aria-hidden": "true" }, icon("slash"))),
    h("div", { className: "body" }, h("div", { className: "head" }, h("b", { className: "author" }, "Slackbot"), h("time", { className: "stamp" }, clockTime(newest(data.ts)))),
      h("div", { className: "text" }, data.text), invite && h("div", { className: "block actions" }, invite)));
}
