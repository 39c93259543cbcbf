// Find people in the directory, and whose Space a number or URI is.

import { call } from "./api.js";
import { $, h, load } from "./dom.js";

const PAGE = 25;
// What people write between the digits of a number; Spaces have none of it.
const BETWEEN_DIGITS = /[\s().\-/]/g;
const NUMBER = /^\+?[\d\s().\-/]+$/;

export const asNumber = (text) => (NUMBER.test(text) ? text.replace(BETWEEN_DIGITS, "") : text);

export const nameOf = ({ displayName, firstName, lastName, userName }) => displayName || `${firstName} ${lastName}`.trim() || userName;

export function showFind(text) {
  $("text").value = text;
  $("found").hidden = !text;
  if (!text) return;
  const query = { filter: text, limit: PAGE };
  load($("people"), "The directory", () => call("GET", "directory/users", { query }), people);
  const number = asNumber(text);
  load($("spaces"), "CMS", () => call("GET", "cms/spaces", { query: { ...query, filter: number } }), (answer) => spaces(answer, number));
}

function people({ message, response }) {
  if (response.users.length === 0) return h("p", { class: "empty" }, "The directory has nobody with this user ID, or with a name or number that begins like this.");
  const list = response.users.map((user) => h("li", {},
    h("a", { href: `#/person/${encodeURIComponent(user.userName)}` }, nameOf(user)),
    h("span", { class: "quiet" }, [user.userName, user.phoneNumber, user.department].filter(Boolean).join(" · "))));
  return [h("ul", { class: "list" }, list), more(message, response.total > list.length)];
}

function spaces({ message, response }, text) {
  if (response.coSpaces.length === 0) return h("p", { class: "empty" }, "No Space has this in its name, URI or second URI.");
  const exact = (space) => [space.uri, space.secondaryUri, space.callId].includes(text.toLowerCase());
  const sorted = [...response.coSpaces].sort((one, other) => exact(other) - exact(one));
  const list = sorted.map((space) => h("li", {},
    space.uri ? h("a", { href: `#/person/${encodeURIComponent(space.uri)}` }, space.name || space.uri) : h("span", {}, space.name || space["@id"]),
    exact(space) && [" ", h("span", { class: "tag" }, "exactly this")],
    h("span", { class: "quiet" }, [space.uri ? `URI ${space.uri}` : "no URI, so nobody's", space.secondaryUri && `second URI ${space.secondaryUri}`, space.callId && `call ID ${space.callId}`].filter(Boolean).join(" · "))));
  return [h("ul", { class: "list" }, list), more(message, response.total > list.length)];
}

const more = (message, cut) => h("p", { class: "quiet" }, cut ? `${message} Type more of it to find fewer.` : message);
