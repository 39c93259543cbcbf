// The portal's API: the key that is sent, answers, their errors, and streams of rows.

const KEPT = "portal-key";
let key = sessionStorage.getItem(KEPT) ?? "";
let me = null;

export class Refused extends Error {
  constructor(status, body) {
    super(body?.message || `The portal answered with status ${status}, and nothing that can be read.`);
    this.status = status;
    this.code = body?.error?.code ?? "";
    this.request = body?.error?.request ?? "";
  }
}

export const hasKey = () => key !== "";

export function signIn(given, keep) {
  key = given;
  if (keep) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
}

export function signOut() {
  key = "";
  me = null;
  sessionStorage.removeItem(KEPT);
}

// Ask who the key belongs to. Where that can't be asked, all is offered, and the API has its say.
export async function whoAmI() {
  me = null;
  try {
    const answer = await call("GET", "me");
    me = answer.response;
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  return me;
}

const isOneOf = (...roles) => !me?.role || roles.includes(me.role);
export const may = {
  change: () => isOneOf("helpdesk", "admin"),
  remove: () => isOneOf("admin"),
  apply: () => isOneOf("admin"),
  force: () => isOneOf("admin"),
};
export const role = () => me?.role ?? "";

export const path = (...parts) => parts.map(encodeURIComponent).join("/");

async function send(method, address, { query = {}, body, type, accept, signal } = {}) {
  const headers = { Accept: accept ?? "application/json" };
  if (key) headers["X-API-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = type ?? "application/json";
  const asked = new URLSearchParams(query).toString();
  const content = body === undefined || type ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(`api/v1/${address}${asked && `?${asked}`}`, {
      method, headers, body: content, signal, cache: "no-store", credentials: "omit",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { message: "The portal can't be reached: the network is down, or it is being started again." });
  }
  if (answer.ok) return answer;
  const refused = new Refused(answer.status, await answer.json().catch(() => null));
  if (answer.status === 401) {
    const message = key && refused.message;
    signOut(); // so that it is not sent, and counted as wrong, again and again
    dispatchEvent(new CustomEvent("keyrefused", { detail: message }));
  }
  throw refused;
}

export async function call(method, address, options) {
  return (await send(method, address, options)).json();
}

// Yield the lines of an answer in NDJSON as they come. Without its end it was cut.
export async function* rows(address, options) {
  const answer = await send("POST", address, { ...options, accept: "application/x-ndjson" });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let end = null;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      return { done: true };
    });
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const row = JSON.parse(line);
      if ("complete" in row) end = row;
      else yield row;
    }
    if (done) break;
  }
  if (!end) throw new Refused(0, { message: "The answer broke off in the middle." });
  if (!end.complete) throw new Refused(502, { message: end.error?.message, error: end.error });
}
