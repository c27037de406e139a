// The one way to the terminal: REST for what is done, a WebSocket for what happens.

export const number = Number(new URLSearchParams(location.search).get("terminal") || 1);
const root = `/api/terminals/${number}`;
const complaints = [];

export function onComplaint(tell) { complaints.push(tell); }

export class Refused extends Error {
  constructor(status, detail) { super(detail); this.status = status; }
}

export async function ask(method, path, body) {
  const response = await fetch(path.startsWith("/") ? path : path ? `${root}/${path}` : root, {
    method, headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const isJson = (response.headers.get("content-type") || "").includes("json");
  const found = isJson ? await response.json() : await response.text();
  if (!response.ok) throw new Refused(response.status, found.detail || response.statusText);
  return found;
}

export const get = (path) => ask("GET", path);
export const address = (path) => `${root}/${path}`;

// For what a person does: a refusal is told, never thrown.
export async function act(method, path, body) {
  try { return await ask(method, path, body); }
  catch (error) { complaints.forEach((tell) => tell(error.message)); return null; }
}

// Events in their order, without a gap: after a break the stream goes on where it ended.
export function listen(since, hear, onLink) {
  let last = since;
  const open = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${root}/events?since=${last}`);
    socket.onopen = () => onLink(true);
    socket.onmessage = (message) => { const event = JSON.parse(message.data); last = event.n; hear(event); };
    socket.onclose = () => { onLink(false); setTimeout(open, 1000); };
  };
  open();
}

export function bits(base64) { return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)); }

export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...inside.filter((each) => each !== null && each !== undefined));
  return element;
}

// In the place of what was there; what is null is left out.
export function fill(place, ...inside) { place.replaceChildren(...inside.filter((each) => each !== null && each !== undefined)); }
