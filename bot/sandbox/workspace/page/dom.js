// Builds DOM nodes. Strings always become text nodes: nothing from a message is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  hash: "M5 9h15M4 15h15M10 4 8 20M16 4l-2 16",
  reply: "M20 12a8 8 0 0 1-11.6 7.2L4 20l1-4.1A8 8 0 1 1 20 12z",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  send: "M4 12 20 4l-5 16-3.5-6.5z",
  attach: "M12 5v14M5 12h14",
  code: "m9 8-5 4 5 4M15 8l5 4-5 4",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  sliders: "M4 8h9M17 8h3M4 16h3M11 16h9M15 5.5v5M9 13.5v5",
  shared: "M8 8a4 4 0 0 0 0 8h3M16 8a4 4 0 0 1 0 8h-3M8 12h8",
  eye: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  file: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  slash: "M8 20 16 4",
  arrow: "m9 6 6 6-6 6",
  back: "m15 6-6 6 6 6",
  clock: "M12 5v7l4.5 3",
  question: "M9 9.2a3.1 3.1 0 1 1 4.6 2.7c-1 .6-1.6 1.2-1.6 2.4M12 18.4v.01",
  alert: "M12 5.5v8M12 18.2v.01",
  lock: "M6.5 11.5h11v8h-11zM9 11V8.2a3 3 0 0 1 6 0V11",
  minus: "M6 12h12",
  lines: "M6 8h12M6 12h12M6 16h7",
};

/** An element with properties (`on…` are listeners, `class` and `data-…`/`aria-…` are attributes) and children. */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.includes("-") && name !== "list" && name !== "form") node[name] = value;
    else node.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export function replace(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A small menu below a button; closes on choice, Escape and clicks elsewhere. Items are {label, run, danger}. */
export function popup(anchor, items) {
  document.querySelector(".popup")?.remove();
  const buttons = items.map((item) =>
    h("button", { type: "button", role: "menuitem", className: item.danger ? "danger" : "", onclick: () => { close(); item.run(); } },
      item.label, item.note && h("small", {}, item.note)));
  const menu = h("div", { className: "popup", role: "menu", onkeydown: keys }, buttons);
  (anchor.closest("dialog") || document.body).append(menu);
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  buttons[0]?.focus();
  setTimeout(() => document.addEventListener("pointerdown", outside));

  function outside(event) { if (!menu.contains(event.target)) close(false); }
  function close(refocus = true) {
    document.removeEventListener("pointerdown", outside);
    menu.remove();
    if (refocus) anchor.focus();
  }
  function keys(event) {
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key === "ArrowDown") { event.preventDefault(); buttons[(at + 1) % buttons.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); buttons[(at - 1 + buttons.length) % buttons.length].focus(); }
  }
}
