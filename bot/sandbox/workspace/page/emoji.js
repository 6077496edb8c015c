// The emoji codes an incident bot and its people use. Others stay as they were typed.

import { icon } from "/page/dom.js";

const SIGNS = {
  red_circle: "🔴", large_red_circle: "🔴", orange_circle: "🟠", large_orange_circle: "🟠", yellow_circle: "🟡",
  large_yellow_circle: "🟡", green_circle: "🟢", large_green_circle: "🟢", blue_circle: "🔵", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", purple_circle: "🟣", large_green_square: "🟩", large_red_square: "🟥",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎",
  warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", exclamation: "❗",
  heavy_exclamation_mark: "❗", grey_exclamation: "❕", question: "❓", grey_question: "❔", information_source: "ℹ️",
  bulb: "💡", mag: "🔍", mag_right: "🔎", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️",
  alarm_clock: "⏰", clock1: "🕐", clock3: "🕒", watch: "⌚", rotating_light: "🚨", fire: "🔥", boom: "💥", bug: "🐛",
  wrench: "🔧", hammer: "🔨", hammer_and_wrench: "🛠️", gear: "⚙️", nut_and_bolt: "🔩", toolbox: "🧰", lock: "🔒",
  unlock: "🔓", closed_lock_with_key: "🔐", key: "🔑", shield: "🛡️", eyes: "👀", eye: "👁️", see_no_evil: "🙈",
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", wave: "👋", raised_hand: "✋", ok_hand: "👌", pray: "🙏",
  clap: "👏", muscle: "💪", point_right: "👉", point_down: "👇", tada: "🎉", sparkles: "✨", star: "⭐", rocket: "🚀",
  package: "📦", memo: "📝", clipboard: "📋", page_facing_up: "📄", bookmark_tabs: "📑", books: "📚", book: "📖",
  bar_chart: "📊", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", link: "🔗", paperclip: "📎",
  pushpin: "📌", round_pushpin: "📍", bell: "🔔", no_bell: "🔕", speech_balloon: "💬", thought_balloon: "💭",
  robot_face: "🤖", stethoscope: "🩺", ambulance: "🚑", hospital: "🏥", pill: "💊", adhesive_bandage: "🩹",
  construction: "🚧", recycle: "♻️", repeat: "🔁", arrows_counterclockwise: "🔄", leftwards_arrow_with_hook: "↩️",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrow_forward: "▶️", heavy_minus_sign: "➖",
  heavy_plus_sign: "➕", small_red_triangle: "🔺", small_red_triangle_down: "🔻", zap: "⚡", electric_plug: "🔌",
  battery: "🔋", satellite: "🛰️", globe_with_meridians: "🌐", cloud: "☁️", snowflake: "❄️", floppy_disk: "💾",
  file_cabinet: "🗄️", card_index_dividers: "🗂️", calendar: "📆", date: "📅", zzz: "💤", skull: "💀", ghost: "👻",
  heart: "❤️", green_heart: "💚", broken_heart: "💔", smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔",
  sweat_smile: "😅", cry: "😢", wheel_of_dharma: "☸️", whale: "🐳", elephant: "🐘", turtle: "🐢", bust_in_silhouette: "👤",
  busts_in_silhouette: "👥", crystal_ball: "🔮", test_tube: "🧪", dart: "🎯", scales: "⚖️", mute: "🔇", pause_button: "⏸️",
  double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", fast_forward: "⏩", rewind: "⏪", wastebasket: "🗑️", door: "🚪",
};

// The signs a diagnosis lives by are drawn here, so that they show on machines without an emoji font.
const DRAWN = {
  white_check_mark: ["green square", "check"], heavy_check_mark: ["green", "check"], x: ["red square", "close"],
  negative_squared_cross_mark: ["green square", "close"], hourglass_flowing_sand: ["grey", "clock"], hourglass: ["grey", "clock"],
  question: ["purple", "question"], grey_question: ["grey", "question"], warning: ["orange", "alert"], lock: ["grey square", "lock"],
  heavy_minus_sign: ["grey", "minus"], memo: ["blue square", "lines"], link: ["blue square", "shared"], speech_balloon: ["blue", "lines"],
};
const CIRCLE = /^(?:large_)?(red|orange|yellow|green|blue|purple|white|black)_circle$/;

/** The sign for a code, as a labelled node; null when it is not known. */
export function emoji(code) {
  const sign = Object.hasOwn(SIGNS, code) ? SIGNS[code] : null;
  if (!sign) return null;
  const circle = code.match(CIRCLE);
  const drawn = circle ? [circle[1]] : Object.hasOwn(DRAWN, code) ? DRAWN[code] : null;
  const node = document.createElement("span");
  node.className = drawn ? `sign ${drawn[0]}` : "emoji";
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", code.replaceAll("_", " "));
  node.title = `:${code}:`;
  if (!drawn) node.textContent = sign;
  else if (drawn[1]) node.append(icon(drawn[1]));
  return node;
}
