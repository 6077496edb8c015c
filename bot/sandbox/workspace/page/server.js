// Talks to the workspace: a stream of changes in, the person's actions out.

import { world } from "/page/world.js";

const token = document.querySelector('meta[name="page-token"]').content;

/** Do something as this person. Answers {ok} or {ok: false, message, remedy}. */
export async function act(action, body = {}) {
  let response;
  try {
    response = await fetch(`/page/do/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Page-Token": token },
      body: JSON.stringify({ user: world.me, ...body }),
    });
  } catch {
    return { ok: false, message: "The sandbox does not answer.", remedy: "Is `triage run` still running?" };
  }
  if (response.ok) return response.json();
  return { ok: false, message: (await response.text()).slice(0, 200), remedy: "" };
}

/** The text of a shared file. */
export async function fileText(id) {
  const response = await fetch(`/page/file/${encodeURIComponent(id)}?token=${encodeURIComponent(token)}`);
  return response.ok ? response.text() : "The file is gone.";
}

/** Stream everything `user` sees to `heard`; reconnects by itself. Returns a function that ends it. */
export function listen(user, heard, connected) {
  let socket;
  let ended = false;
  let wait = 300;
  let opened = false;
  const open = () => {
    const query = new URLSearchParams({ token, user });
    socket = new WebSocket(`ws://${location.host}/page/socket?${query}`);
    socket.onopen = () => { opened = true; wait = 300; connected(true); };
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = () => {
      if (ended) return;
      connected(false);
      if (!opened) renew();
      opened = false;
      setTimeout(() => { if (!ended) open(); }, wait);
      wait = Math.min(wait * 2, 5000);
    };
  };
  open();
  return () => { ended = true; socket.close(); };
}

/** The server was restarted and no longer knows this page's token: load the page again, at most every five seconds. */
async function renew() {
  const last = Number(sessionStorage.getItem("renewed") || 0);
  if (Date.now() - last < 5000) return;
  try {
    await fetch("/", { method: "HEAD" });
  } catch {
    return; // not up yet
  }
  sessionStorage.setItem("renewed", String(Date.now()));
  sessionStorage.removeItem("user");
  location.reload();
}
