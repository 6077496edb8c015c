// Modals the app opens, confirmation dialogs, file viewer, and short messages at the edge of the screen.

import { h, icon, replace } from "/page/dom.js";
import { blocks } from "/page/blocks.js";
import { plain, textObject } from "/page/mrkdwn.js";
import { act } from "/page/server.js";
import { world } from "/page/world.js";

/** A sentence for a few seconds. */
export function toast(text, kind = "") {
  const node = h("div", { className: `toast ${kind}` }, text);
  const place = document.querySelector("dialog[open]") || document.getElementById("toasts");
  place.append(node);
  if (place.tagName === "DIALOG") node.classList.add("in-dialog");
  setTimeout(() => node.remove(), 7000);
}

/** Say what is wrong when an action was refused. */
export async function perform(action, body) {
  const answer = await act(action, body);
  if (!answer.ok) toast(`${answer.message} ${answer.remedy}`.trim(), "bad");
  return answer.ok;
}

/** Show a confirmation dialog; true when the person confirms. */
export function confirmed(spec) {
  return new Promise((resolve) => {
    const finish = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const dialog = h("dialog", { className: "modal small", oncancel: () => finish(false) },
      h("div", { className: "modal-head" }, h("h2", {}, plain(spec.title.text))),
      h("div", { className: "modal-body" }, textObject(spec.text)),
      h("div", { className: "modal-foot" },
        h("button", { type: "button", className: "button", onclick: () => finish(false) }, plain(spec.deny.text)),
        h("button", { type: "button", className: `button ${spec.style === "danger" ? "danger solid" : "primary"}`, onclick: () => finish(true) },
          plain(spec.confirm.text))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Show the text of a file. */
export function showText(title, text) {
  const close = () => { dialog.close(); dialog.remove(); };
  const dialog = h("dialog", { className: "modal wide", oncancel: close },
    h("div", { className: "modal-head" }, h("h2", {}, title), closeButton(close)),
    h("div", { className: "modal-body" }, h("pre", { className: "code tall", tabIndex: 0 }, text)));
  document.body.append(dialog);
  dialog.showModal();
}

function closeButton(close) {
  return h("button", { type: "button", className: "plain-button", "aria-label": "Close", onclick: close }, icon("close"));
}

let open = null; // {dialog, view, inputs}

/** Show the topmost of the app's modals, or none. */
export function showViews() {
  const view = world.views.at(-1);
  if (!view) {
    open?.dialog.close();
    open?.dialog.remove();
    open = null;
    return;
  }
  if (!open) {
    const dialog = h("dialog", { className: "modal", oncancel: (event) => { event.preventDefault(); perform("close"); } });
    document.body.append(dialog);
    open = { dialog, view: null, inputs: new Map() };
  }
  if (open.view && open.view.id === view.id && open.view.hash === view.hash) showErrors(view);
  else draw(view);
  const fresh = open.view?.id !== view.id;
  open.view = view;
  if (!open.dialog.open) open.dialog.showModal();
  if (fresh) (open.inputs.values().next().value?.node ?? open.dialog.querySelector("[type=submit]"))?.focus();
}

function draw(view) {
  const before = open.view?.id === view.id ? entered() : {};
  open.inputs = new Map();
  const place = {
    inputs: open.inputs,
    send: (action_id, block_id, value) => perform("click_view", { view_id: view.id, action_id, block_id, value, values: entered() }),
  };
  const submit = view.submit && h("button", { type: "submit", className: "button primary" }, plain(view.submit.text));
  const form = h("form", { noValidate: true, className: "modal-form", onsubmit: (event) => { event.preventDefault(); send(view, submit); } },
    h("div", { className: "modal-head" }, h("img", { src: "/page/bot.svg", alt: "", width: 24, height: 24 }),
      h("h2", {}, plain(view.title.text)), closeButton(() => perform("close", { everything: true }))),
    h("div", { className: "modal-body" }, blocks(view.blocks, place)),
    h("div", { className: "modal-foot" },
      h("button", { type: "button", className: "button", onclick: () => perform("close") }, view.close ? plain(view.close.text) : view.submit ? "Cancel" : "Close"),
      submit));
  replace(open.dialog, form);
  for (const [block, value] of Object.entries(before)) open.inputs.get(block)?.restore(value);
  showErrors(view);
}

function send(view, submit) {
  submit?.classList.add("busy");
  setTimeout(() => submit?.classList.remove("busy"), 3500);
  perform("submit", { view_id: view.id, values: entered() });
}

function entered() {
  return Object.fromEntries([...open.inputs].map(([block, input]) => [block, input.value()]));
}

function showErrors(view) {
  open.dialog.querySelectorAll(".busy").forEach((node) => node.classList.remove("busy"));
  for (const node of open.dialog.querySelectorAll(".input-error")) {
    const text = view.errors?.[node.dataset.block];
    node.hidden = !text;
    node.textContent = text || "";
    const input = open.inputs.get(node.dataset.block)?.node;
    input?.classList.toggle("wrong", Boolean(text));
    input?.setAttribute("aria-invalid", text ? "true" : "false");
  }
}
