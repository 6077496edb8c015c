// What this person sees, as the server told it. Other modules read it; only app.js changes it.

export const world = {
  me: null,
  team: "",
  bot: "",
  people: {},
  usergroups: {},
  channels: new Map(), // id → channel
  messages: new Map(), // channel id → Map(ts → message)
  ephemerals: new Map(), // ts → message
  notices: [], // what Slack itself says; kept by this page only
  views: [],
  home: null,
  commands: {},
  shortcuts: {},
  controls: [],
  examples: [],
  shell: "", // what to type in a terminal, so that commands can be pasted
  connections: 0,
  channel: null, // the open conversation
  thread: null, // ts of the open thread
  tab: "messages", // of the conversation with the app: messages | home
  unread: new Map(), // channel id → how many
};

export const person = (id) => world.people[id] || { id, name: id, real_name: id, badge: "", is_bot: false };

export const channelName = (id) => world.channels.get(id)?.name || id;

export function newest(ts) {
  return new Date(Number(ts) * 1000);
}

export function clockTime(date, seconds = false) {
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined });
}

export function dayName(date) {
  const day = (value) => new Date(value.getFullYear(), value.getMonth(), value.getDate()).getTime();
  const apart = Math.round((day(new Date()) - day(date)) / 86_400_000);
  if (apart === 0) return "Today";
  if (apart === 1) return "Yesterday";
  return date.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
}
