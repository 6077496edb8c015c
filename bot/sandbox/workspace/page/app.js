// Puts the page together: takes in changes, keeps `world`, and redraws what they touch.

import { blocks } from "/page/blocks.js";
import { composer } from "/page/composer.js";
import { perform, showViews, toast } from "/page/dialogs.js";
import { h, icon, replace } from "/page/dom.js";
import { avatar, message, notice } from "/page/message.js";
import { act, listen } from "/page/server.js";
import { sidebar } from "/page/sidebar.js";
import { achieved, INTRODUCTION, panel, watch } from "/page/tour.js";
import { dayName, newest, person, world } from "/page/world.js";

const $ = (id) => document.getElementById(id);
const GROUP_SECONDS = 300;
const WIDE = 1500; // pixels: room for conversation, thread and tour side by side; below, the thread takes the place
const ROOMY = 1100; // below, the tour lies over the page
const PHONE = 820;
const remembered = (name, value) => value === undefined ? sessionStorage.getItem(name) : sessionStorage.setItem(name, value);

let hangUp = null;
let online = false;
let writer = null;
let threadWriter = null;
let shown = new Map(); // key → {json, node}: messages already drawn
let threadShown = new Map();

// ------------------------------------------------------------------ changes

const HEARD = {
  picture(data) {
    for (const name of ["me", "team", "bot", "people", "usergroups", "views", "home", "commands", "shortcuts", "controls", "examples", "shell", "connections"]) world[name] = data[name];
    world.channels = new Map(data.channels.map((channel) => [channel.id, channel]));
    world.messages = new Map(Object.entries(data.messages).map(([id, list]) => [id, new Map(list.map((each) => [each.ts, each]))]));
    world.ephemerals = new Map(data.ephemerals.map((each) => [each.ts, each]));
    world.channel = [linked(), world.channel, remembered("channel"), data.channels[0]?.id].find((id) => world.channels.has(id)) || null;
    if (world.channels.get(world.channel)?.kind !== "im") world.tab = "messages";
    if (world.thread && !world.messages.get(world.channel)?.has(world.thread)) closeThread();
    drawAll();
    prepared();
  },
  message(data, channel) {
    const known = world.messages.get(channel);
    if (!known) return;
    const isNew = !known.has(data.ts);
    known.set(data.ts, data);
    if (isNew) arrived(data, channel);
    if (channel === world.channel) drawConversation();
    prepared();
  },
  message_gone(data, channel) {
    world.messages.get(channel)?.delete(data.ts);
    if (world.thread === data.ts) closeThread();
    if (channel === world.channel) drawConversation();
  },
  ephemeral(data, channel) {
    if (!world.ephemerals.has(data.ts)) arrived(data, channel);
    world.ephemerals.set(data.ts, data);
    if (channel === world.channel) drawConversation();
  },
  ephemeral_gone(data, channel) {
    world.ephemerals.delete(data.ts);
    if (channel === world.channel) drawConversation();
  },
  notice(data) {
    if (data.view_id || data.action_id || !data.channel) toast(data.text + (data.error ? ` (${data.error})` : ""), data.error ? "bad" : "");
    else { world.notices.push(data); drawConversation(); }
    showViews();
  },
  views(data) { world.views = data; showViews(); },
  home(data) { world.home = data; if (world.tab === "home") drawMessages(); },
  channel(data) {
    world.channels.set(data.id, data);
    if (data.bot) world.notices = world.notices.filter((each) => !(each.invite && each.channel === data.id));
    drawAll();
  },
  controls(data) { world.controls = data; drawPanel(); },
  connections(data) { world.connections = data.count; drawBanner(); drawPanel(); },
};

function arrived(data, channel) {
  const who = person(data.user);
  if (channel !== world.channel || document.hidden) {
    if (data.user !== world.me) world.unread.set(channel, (world.unread.get(channel) || 0) + 1);
    drawSidebar();
  }
  if (data.user !== world.me) $("live").append(h("p", {}, `${who.real_name}: ${data.text}`.slice(0, 300)));
}

// ------------------------------------------------------------------ going places

function become(user) {
  hangUp?.();
  remembered("user", user);
  Object.assign(world, { me: user, notices: [], unread: new Map() });
  shown = new Map();
  drawer(false);
  hangUp = listen(user, (frame) => { watch(frame.kind, frame.data); HEARD[frame.kind]?.(frame.data, frame.channel); }, (state) => { online = state; drawBanner(); });
}

function goTo(channel, tab = "messages") {
  const same = channel === world.channel;
  Object.assign(world, { channel, tab });
  if (!same) closeThread();
  remembered("channel", channel);
  world.unread.delete(channel);
  drawer(false);
  drawAll();
  if (world.channels.get(channel)?.kind === "im") act("home", { tab });
  if (tab === "messages" && innerWidth > PHONE) writer?.focus();
}

function openThread(ts) {
  world.thread = ts;
  if (innerWidth < ROOMY) $("panel").hidden = true;
  threadShown = new Map();
  drawThread(true);
  arrange();
  achieved("card");
  if (innerWidth > PHONE) threadWriter.focus(); // a phone's keyboard would cover the card
}

function closeThread() {
  world.thread = null;
  $("thread").hidden = true;
  arrange();
}

/** What lies beside what: with too little room the thread takes the conversation's place while the tour is open. */
function arrange() {
  $("app").classList.toggle("threaded", Boolean(world.thread));
  $("app").classList.toggle("toured", !$("panel").hidden);
}

/** At the first look, the thread of the incident that was prepared is open; a phone says what this is, and offers it. */
function prepared() {
  if (remembered("prepared") || world.thread) return;
  const first = [...(world.messages.get(world.channel)?.values() || [])].find((each) => each.reply_count && each.user !== world.me);
  if (!first) return;
  if (innerWidth <= PHONE) { welcome(first.ts); return; }
  remembered("prepared", "seen");
  openThread(first.ts);
}

function welcome(ts) {
  const leave = (then) => () => { remembered("prepared", "seen"); $("welcome").hidden = true; then(); };
  if (!$("welcome").hidden) return;
  replace($("welcome"), INTRODUCTION.map((sentence) => h("p", {}, sentence)),
    h("button", { type: "button", className: "button primary", onclick: leave(() => openThread(ts)) }, "Open the card"),
    h("button", { type: "button", className: "button", onclick: leave(() => togglePanel(true)) }, "Show the tour"));
  $("welcome").hidden = false;
  requestAnimationFrame(() => { $("messages").scrollTop = $("messages").scrollHeight; });
}

/** A permalink, /archives/C…/p…, opens its channel. */
function linked() {
  const found = location.pathname.match(/^\/archives\/(\w+)\/p(\d{10})(\d{6})/);
  if (!found || !world.channels.has(found[1])) return null;
  queueMicrotask(() => {
    const node = document.querySelector(`[data-ts="${found[2]}.${found[3]}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("flash");
    history.replaceState(null, "", "/");
  });
  return found[1];
}

// ------------------------------------------------------------------ drawing

function drawAll() {
  drawSidebar();
  drawHeader();
  drawBanner();
  drawPanel();
  shown = new Map();
  const room = world.channels.get(world.channel);
  writer = room && composer({ id: "composer-main", channel: room.id, placeholder: `Message ${room.kind === "im" ? "Triage" : "#" + room.name}`, say });
  replace($("composer"), writer?.node);
  drawExamples();
  drawMessages(true);
  if (world.thread) drawThread(true);
  showViews();
}

const drawSidebar = () => sidebar($("sidebar"), { channel: goTo, become });

function drawPanel() {
  panel($("panel"), () => togglePanel(false));
}

function drawHeader() {
  const room = world.channels.get(world.channel);
  if (!room) return;
  const direct = room.kind === "im";
  const tab = (name, label) => h("button", { type: "button", role: "tab", "aria-selected": String(world.tab === name), onclick: () => goTo(room.id, name) }, label);
  replace($("channel-header"),
    h("button", { type: "button", className: "plain-button only-narrow", "aria-label": "Channels and people", onclick: () => drawer(true) }, icon("menu")),
    h("h1", {}, direct ? avatar(world.bot, "small") : icon(room.shared ? "shared" : "hash"), direct ? "Triage" : room.name),
    direct ? h("div", { className: "tabs", role: "tablist" }, tab("home", "Home"), tab("messages", "Messages")) : h("span", { className: "topic" }, room.topic),
    h("span", { className: "grow" }),
    !direct && h("span", { className: "members", title: room.members.map((id) => person(id).real_name).join(", ") }, room.members.slice(0, 4).map((id) => avatar(id, "tiny")), h("span", {}, room.members.length)),
    h("button", { type: "button", className: "plain-button", title: "Tour and sandbox controls", "aria-label": "Tour and sandbox controls", onclick: () => togglePanel($("panel").hidden) }, h("span", { className: "only-narrow" }, "Tour"), icon("sliders")));
}

function drawBanner() {
  const text = !online ? "Reconnecting to the sandbox…" : world.connections ? "" : "Triage is not connected yet. What you write is delivered when it is.";
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

// As Onyx writes it: an example is of this minute when it is chosen, or it would rightly be called older than the fault.
function onyxTime(at) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${two(at.getUTCMonth() + 1)}/${two(at.getUTCDate())}/${at.getUTCFullYear()}`;
  const hour = at.getUTCHours();
  return `${day} ${two(hour % 12 || 12)}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

function drawExamples() {
  $("examples").hidden = !world.examples.length || world.tab === "home";
  replace($("examples"), h("span", { className: "muted" }, "Try"), world.examples.map((example) =>
    h("button", { type: "button", className: "chip", onclick: () => writer.fill(example.text.replaceAll("{now}", onyxTime(new Date())).replaceAll("{now, as Nest}", new Date().toLocaleString("en-US", { timeZone: "UTC" }))) }, example.label)));
}

function drawConversation() {
  drawMessages();
  if (world.thread) drawThread();
}

function drawMessages(jump = false) {
  const list = $("messages");
  $("composer").hidden = world.tab === "home";
  $("examples").hidden = !world.examples.length || world.tab === "home";
  if (world.tab === "home") { drawHome(list); return; }
  const follow = following(list, jump);
  const everything = [...(world.messages.get(world.channel)?.values() || [])]
    .filter((each) => !each.thread_ts || each.thread_ts === each.ts || each.subtype === "thread_broadcast")
    .concat(aside(null));
  shown = drawList(list, everything, shown, false);
  if (!everything.length) list.append(empty());
  follow();
}

/** Messages only this person sees, and notices, of the channel or of one thread. */
function aside(thread) {
  const here = (each) => each.channel === world.channel && (each.thread_ts || null) === thread;
  return [...world.ephemerals.values()].filter(here).concat(world.notices.filter(here).map((each) => ({ ...each, notice: true })));
}

function drawList(list, everything, before, inThread) {
  const after = new Map();
  const nodes = [];
  let last = null;
  for (const each of everything.sort((a, b) => Number(a.ts) - Number(b.ts))) {
    const day = dayName(newest(each.ts));
    if (!inThread && (!last || dayName(newest(last.ts)) !== day)) nodes.push(h("div", { className: "day", role: "separator" }, h("span", {}, day)));
    const grouped = Boolean(last && last.user === each.user && !last.notice && !each.notice && !each.is_ephemeral && !last.is_ephemeral
      && Number(each.ts) - Number(last.ts) < GROUP_SECONDS && !each.files && dayName(newest(last.ts)) === day && !each.blocks?.some((block) => block.type === "header"));
    const json = JSON.stringify([each, grouped]);
    const old = before.get(each.ts);
    const node = old?.json === json ? old.node : each.notice ? notice(each) : message(each, world.channel, { grouped, inThread, openThread });
    if (old && old.json !== json && content(old.json) !== content(json)) node.classList.add("flash");
    after.set(each.ts, { json, node });
    nodes.push(node);
    last = each;
  }
  settle(list, nodes);
  return after;
}

/** Call before drawing; what it returns, after: whoever looks at the last message is taken to a new or changed one. */
function following(list, jump) {
  const last = list.lastElementChild;
  const there = jump || list.scrollTop > end(list) - 80;
  return () => { if (there && (jump || list.lastElementChild !== last)) list.scrollTop = end(list); };
}

/** Where the end of the list is shown; of a last message that is longer than the list, its beginning. */
function end(list) {
  const last = list.lastElementChild;
  const beyond = last ? last.offsetHeight + 24 - list.clientHeight : 0;
  return list.scrollHeight - list.clientHeight - Math.max(0, beyond);
}

/** What a person would notice changing; a new reply below a message is not it. */
function content(json) {
  const [{ text, blocks: shownBlocks }] = JSON.parse(json);
  return JSON.stringify([text, shownBlocks]);
}

/** Replace the children without moving those that stay, so that focus and selection survive. */
function settle(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => { if (list.childNodes[index] !== node) list.insertBefore(node, list.childNodes[index] || null); });
}

function empty() {
  const room = world.channels.get(world.channel);
  const direct = room?.kind === "im";
  return h("div", { className: "empty" }, direct ? avatar(world.bot, "large") : icon(room?.shared ? "shared" : "hash"),
    h("h2", {}, direct ? "This is your conversation with Triage" : `This is the start of #${room?.name}`),
    h("p", {}, direct || room?.bot ? "Paste an error, mention @triage, or type /triage." + (world.examples.length ? " One of the examples below is a good start." : "") : "Triage is not in this channel. Mention @triage to invite it."));
}

function drawHome(list) {
  const view = world.home;
  const place = { inputs: null, send: (action_id, block_id, value) => perform("click_view", { view_id: view.id, action_id, block_id, value }) };
  shown = new Map();
  replace(list, view ? h("div", { className: "home" }, blocks(view.blocks, place))
    : h("div", { className: "empty" }, avatar(world.bot, "large"), h("h2", {}, "Nothing here yet"), h("p", {}, "Triage has not published a home tab for you.")));
}

function drawThread(jump = false) {
  const place = $("thread");
  const messages = [...(world.messages.get(world.channel)?.values() || [])].filter((each) => each.ts === world.thread || each.thread_ts === world.thread);
  if (place.hidden || jump) {
    const room = world.channels.get(world.channel);
    threadShown = new Map();
    threadWriter = composer({ id: "composer-thread", channel: world.channel, thread_ts: world.thread, placeholder: "Reply…", say });
    replace(place, h("header", { className: "bar" }, h("div", { className: "grow" }, h("h2", {}, "Thread"), h("small", { className: "muted" }, room.kind === "im" ? "Triage" : "#" + room.name)),
      h("button", { type: "button", className: "plain-button instead", title: "Back to the conversation", "aria-label": "Back to the conversation", onclick: closeThread }, icon("back")),
      h("button", { type: "button", className: "plain-button", "aria-label": "Close the thread", onclick: closeThread }, icon("close"))),
      h("section", { className: "messages", "aria-label": "Replies", tabIndex: 0 }), h("div", { className: "composer-place" }, threadWriter.node));
    place.hidden = false;
  }
  const list = place.querySelector(".messages");
  const follow = following(list, jump);
  threadShown = drawList(list, messages.concat(aside(world.thread)), threadShown, true);
  follow();
}

function say(text) {
  world.notices.push({ text, channel: world.channel, thread_ts: world.thread, ts: String(Date.now() / 1000), user: world.me });
  drawConversation();
}

function drawer(open) {
  $("app").classList.toggle("drawer", open);
  $("scrim").hidden = !open;
}

function togglePanel(open) {
  $("panel").hidden = !open;
  remembered("panel", open ? "open" : "closed");
  arrange();
}

$("scrim").addEventListener("click", () => drawer(false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if ($("app").classList.contains("drawer")) drawer(false);
  else if (world.thread) { closeThread(); writer?.focus(); }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && world.unread.delete(world.channel)) drawSidebar();
});
$("panel").hidden = remembered("panel") === "closed" || innerWidth < ROOMY;
arrange();
become(remembered("user") || document.querySelector('meta[name="default-person"]').content);
