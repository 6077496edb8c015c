// The left side: the team, who this page acts as, channels and the conversation with the app.

import { h, icon, replace } from "/page/dom.js";
import { avatar, badge } from "/page/message.js";
import { world } from "/page/world.js";

/** go: {channel(id, tab), become(user)} */
export function sidebar(node, go) {
  const rooms = [...world.channels.values()];
  const me = world.people[world.me];
  replace(node,
    h("div", { className: "team" }, h("b", {}, world.team), h("span", { className: "muted" }, "sandbox workspace")),
    h("h2", {}, "Channels"),
    h("ul", {}, rooms.filter((room) => room.kind !== "im").map((room) => entry(room, "messages", icon(room.shared ? "shared" : "hash"), room.name, go))),
    h("h2", {}, "Apps"),
    h("ul", {}, rooms.filter((room) => room.kind === "im").map((room) => entry(room, world.channel === room.id ? world.tab : "messages", avatar(world.bot, "tiny"), "Triage", go))),
    h("h2", {}, "Act as"),
    h("ul", { className: "people" }, Object.values(world.people).filter((who) => !who.is_bot).map((who) =>
      h("li", {}, h("button", { type: "button", "aria-pressed": String(who.id === world.me), onclick: () => go.become(who.id) },
        avatar(who.id, "small"), h("span", { className: "who" }, h("span", {}, who.real_name, " ", badge(who)), h("small", {}, who.title)))))),
    h("div", { className: "grow" }),
    h("p", { className: "footnote" }, `You are ${me.real_name}. Everything here runs on this machine.`));
}

function entry(room, tab, mark, name, go) {
  const unread = world.unread.get(room.id) || 0;
  return h("li", {}, h("button", {
    type: "button", className: unread ? "unread" : "", "aria-current": room.id === world.channel ? "page" : undefined, onclick: () => go.channel(room.id, tab),
  }, mark, h("span", { className: "grow" }, name), unread ? h("span", { className: "count", "aria-label": `${unread} new` }, unread) : null));
}
