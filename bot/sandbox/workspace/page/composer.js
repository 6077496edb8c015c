// The box to write in: Enter sends, Shift+Enter breaks the line; files by button, paste or drop; commands and mentions
// are completed. Very long text becomes a snippet, as in Slack.

import { perform, toast } from "/page/dialogs.js";
import { h, icon, replace } from "/page/dom.js";
import { avatar, badge } from "/page/message.js";
import { world } from "/page/world.js";

const LONGEST_MESSAGE = 12_000;
const LARGEST_FILE = 20 * 1024 * 1024;
const drafts = new Map();

/** context: {id, channel, thread_ts, placeholder, say(text): show a notice} */
export function composer(context) {
  let files = [];
  const key = `${world.me} ${context.channel} ${context.thread_ts || ""}`;
  const list = h("ul", { className: "completions", role: "listbox", hidden: true });
  const area = h("textarea", {
    id: context.id, rows: 1, placeholder: context.placeholder, "aria-label": context.placeholder, autocomplete: "off", spellcheck: false,
    oninput: changed, onkeydown: keys, onpaste: pasted, onblur: () => setTimeout(() => { list.hidden = true; }, 150),
  });
  const chips = h("div", { className: "file-chips" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => { add([...picker.files]); picker.value = ""; } });
  const sendButton = h("button", { type: "button", className: "send", title: "Send (Enter)", "aria-label": "Send", onclick: send }, icon("send"));
  const hint = h("span", { className: "hint grow" }, "");
  const tool = (name, label, run) => h("button", { type: "button", className: "plain-button", title: label, "aria-label": label, onclick: run }, icon(name));
  const node = h("div", { className: "composer", ondragover: (event) => event.preventDefault(), ondrop: (event) => { event.preventDefault(); add([...event.dataTransfer.files]); } },
    list, area, chips,
    h("div", { className: "composer-tools" }, tool("attach", "Add a file", () => picker.click()), tool("code", "Code block", fence), hint, picker, sendButton));
  area.value = drafts.get(key) || "";
  queueMicrotask(changed);
  return { node, fill, focus: () => area.focus() };

  function fill(text) {
    area.value = text;
    changed();
    area.focus();
    area.setSelectionRange(text.length, text.length);
    area.scrollTop = area.scrollHeight;
  }

  function changed() {
    drafts.set(key, area.value);
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
    const ready = area.value.trim() || files.length;
    sendButton.disabled = !ready;
    sendButton.classList.toggle("ready", Boolean(ready));
    hint.textContent = area.value.length > LONGEST_MESSAGE ? "Long text: it will be sent as a snippet." : area.value ? "Shift + Enter for a new line" : "";
    complete();
  }

  function complete() {
    const before = area.value.slice(0, area.selectionStart);
    const mention = before.match(/(?:^|\s)@([a-z0-9._-]*)$/);
    let options = [];
    if (/^\/[a-z]*$/.test(area.value)) {
      options = Object.entries(world.commands).filter(([name]) => name.startsWith(area.value))
        .map(([name, usage]) => ({ full: name, show: [h("b", {}, name), " ", h("span", { className: "muted" }, usage)], run: () => fill(`${name} `) }));
    } else if (mention) {
      options = Object.values(world.people).filter((who) => who.name.startsWith(mention[1]) && who.id !== world.me)
        .map((who) => ({ show: [avatar(who.id, "tiny"), h("b", {}, who.name), badge(who)], run: () => put(before.length - mention[1].length, `${who.name} `) }));
    }
    replace(list, options.map((option, index) => h("li", { role: "option", "aria-selected": String(index === 0), onpointerdown: (event) => { event.preventDefault(); option.run(); } }, option.show)));
    list.hidden = options.length === 0;
    list.options_ = options;
  }

  function put(start, text) {
    const end = area.selectionStart;
    area.setRangeText(text, start, end, "end");
    changed();
    area.focus();
  }

  function keys(event) {
    if (!list.hidden && (event.key === "Tab" || (event.key === "Enter" && area.value !== list.options_[marked()]?.full))) {
      event.preventDefault();
      list.options_[marked()].run();
    } else if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      mark(marked() + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      list.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  }

  function marked() {
    return Math.max(0, [...list.children].findIndex((item) => item.getAttribute("aria-selected") === "true"));
  }

  function mark(index) {
    const count = list.children.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === (index + count) % count)));
  }

  function pasted(event) {
    const pastedFiles = [...event.clipboardData.files];
    if (pastedFiles.length) { event.preventDefault(); add(pastedFiles); }
  }

  function fence() {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const lead = from && value[from - 1] !== "\n" ? "\n" : "";
    area.setRangeText(`${lead}\`\`\`\n${value.slice(from, to)}\n\`\`\``, from, to, "end");
    if (from === to) area.setSelectionRange(from + lead.length + 4, from + lead.length + 4);
    changed();
    area.focus();
  }

  async function add(chosen) {
    for (const file of chosen) {
      if (file.size > LARGEST_FILE) toast(`${file.name} is larger than 20 MB.`, "bad");
      else files.push({ name: file.name, content: base64(new Uint8Array(await file.arrayBuffer())) });
    }
    showFiles();
  }

  function showFiles() {
    replace(chips, files.map((file) => h("span", { className: "file-chip" }, icon("file"), file.name,
      h("button", { type: "button", className: "plain-button", "aria-label": `Remove ${file.name}`, onclick: () => { files = files.filter((each) => each !== file); showFiles(); } }, icon("close")))));
    changed();
  }

  async function send() {
    const text = area.value;
    if (!text.trim() && !files.length) return;
    const command = text.match(/^(\/[a-z][\w-]*)(?:\s+([\s\S]*))?$/);
    if (command && context.thread_ts) {
      context.say(`${command[1]} is not supported in threads. Sorry!`);
      return;
    }
    const sent = { text, files };
    files = [];
    area.value = "";
    showFiles();
    const ok = command ? await perform("command", { channel: context.channel, command: command[1], text: command[2] || "" }) : await post(sent);
    if (!ok) { area.value = sent.text; files = sent.files; showFiles(); }
  }

  function post({ text, files: attached }) {
    const long = text.length > LONGEST_MESSAGE;
    const all = long ? [...attached, { name: "paste.txt", content: base64(new TextEncoder().encode(text)) }] : attached;
    return perform("message", { channel: context.channel, text: long ? "" : text, thread_ts: context.thread_ts || null, files: all });
  }
}

function base64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32_768) binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(binary);
}
