// What is changed of a Space, each asked about in a dialog; and what was deleted, to be put back.

import { call, may, path } from "./api.js";
import { ask, button, copyButton, $, during, h, notify, show } from "./dom.js";

const FIELDS = [
  ["name", "Name"], ["defaultLayout", "Layout"], ["nonMemberAccess", "People who are not members may join"],
  ["secondaryUri", "Second URI, such as a telephone number"], ["callId", "Call ID (digits)"],
];
// Which of them an error is about that does not begin with its name.
const FIELD_OF = { call_id_taken: "callId", uri_taken: "secondaryUri", phone_taken: "secondaryUri" };
// What a change that is refused by one of these may be sent with `force` for.
const FORCEABLE = ["not_personal", "no_such_user"];

const label = (space) => `“${space.name || space.uri}”`;
export const address = (userid, ...parts) => path("cms", "spaces", userid, ...parts);

// Return a button that sends a refused change all the same, where that is possible and allowed.
export function sendForced(error, method, userid, body, place, done) {
  if (!may.force() || !FORCEABLE.includes(error.code)) return [];
  const force = button("Do it all the same", () => during(force, place, "CMS",
    () => call(method, address(userid), { body, query: { force: "true" } })).then((answer) => answer && done(answer)), "danger");
  return [force];
}

// The same inside of a dialog.
export const forced = (method, userid, body, ...parts) => (error, again) => {
  if (!may.force() || !FORCEABLE.includes(error.code)) return [];
  const query = { force: "true" };
  return [button("Do it all the same", () => again(() => call(method, address(userid, ...parts), { body: body(), query })), "danger")];
};

async function choicesOf(name) {
  const { paths } = await call("GET", "swagger.json");
  const { parameters } = paths["/cms/spaces/{userid}"].put;
  return parameters.find((parameter) => parameter.name === name)?.enum ?? [];
}

export async function changeSpace(userid, space, done) {
  const choices = { nonMemberAccess: ["true", "false"] };
  const inputs = FIELDS.map(([name, words]) => {
    const id = `field-${name}`;
    const isChoice = ["defaultLayout", "nonMemberAccess"].includes(name);
    const value = space[name] ?? "";
    const input = isChoice ? h("select", { id }) : h("input", { id, autocomplete: "off", spellcheck: "false" });
    if (isChoice) offer(input, choices[name] ?? [], value);
    else input.value = value;
    input.dataset.before = value;
    return [h("label", { for: id }, words), input];
  });
  const layout = inputs[1][1];
  choicesOf("defaultLayout").then((values) => offer(layout, values, layout.value)).catch(() => {});
  const changed = () => Object.fromEntries(inputs.map(([, input]) => input)
    .filter((input) => input.value !== input.dataset.before)
    .map((input) => [input.id.slice("field-".length), input.value]));
  const answer = await ask({
    title: `Edit ${label(space)}`, body: [h("p", { class: "quiet" }, "Only what you change is sent; what you empty is unset."), inputs], yes: "Save",
    work: () => call("PUT", address(userid), { body: changed() }),
    further: forced("PUT", userid, changed),
    field: ({ code, message }) => $(`field-${FIELD_OF[code] ?? message.split(" ")[0]}`),
  });
  if (answer) done(answer);
}

function offer(select, values, chosen) {
  const all = [...new Set(["", ...values, chosen])];
  select.replaceChildren(...all.map((value) => h("option", { value }, { true: "yes", false: "no", "": "not set" }[value] ?? value)));
  select.value = chosen;
}

export async function quarantine(userid, space, done) {
  const open = space.nonMemberAccess !== "false";
  const body = { nonMemberAccess: open ? "false" : "true" };
  const answer = await ask({
    title: open ? `Put ${label(space)} in quarantine?` : `End the quarantine of ${label(space)}?`,
    body: h("p", {}, open ? "Nobody joins it any more but its members. It can be ended again." : "Everyone who knows how may join it again."),
    yes: open ? "Quarantine" : "End the quarantine",
    work: () => call("PUT", address(userid), { body }),
    further: forced("PUT", userid, () => body),
  });
  if (answer) done(answer);
}

export async function newPasscode(userid, space, done) {
  const choice = (value, words) => h("label", { class: "choice" }, h("input", { type: "radio", name: "role", value, checked: value === "guest" }), words);
  const body = () => ({ role: document.querySelector("dialog input[name=role]:checked").value });
  const answer = await ask({
    title: `New passcode for ${label(space)}?`,
    body: [
      h("p", {}, "The old passcode, and links that were sent before, end at once."),
      h("fieldset", {}, h("legend", {}, "Whose?"), choice("guest", "Guests"), choice("host", "Hosts, where the Space has them")),
    ],
    yes: "Make a new passcode",
    work: () => call("POST", address(userid, "passcode"), { body: body() }),
    further: forced("POST", userid, body, "passcode"),
  });
  if (!answer) return;
  const { passcode } = answer.response;
  show("The new passcode", h("p", { class: "passcode" }, passcode), copyButton(passcode, "Copy", "the passcode"),
    h("p", { class: "quiet" }, "Whoever has the invitation of before needs the new one, under “How to join”."));
  done();
}

// A button for each way to send the user the invitation.
export function sendButtons(userid, who, { role, sentBy }, language, notices) {
  return may.change() && sentBy.map((by) => {
    const name = by === "webex" ? "Webex" : by;
    const sent = button(`Send by ${name}`, async () => {
      const answer = await ask({
        title: `Send it to ${userid} by ${name}?`, yes: "Send", server: name,
        body: h("p", {}, "It goes to the address in the directory."),
        work: () => call("POST", address(userid, "invitation"), { body: { by, role, language } }),
      });
      if (answer) notify(answer.message, notices);
    }, "small");
    sent.setAttribute("aria-label", `Send by ${name}: ${who}`);
    return sent;
  });
}

const deleted = new Map();

export async function deleteSpace(userid, space, done) {
  const answer = await ask({
    title: `Delete ${label(space)}?`, danger: true, yes: "Delete",
    body: [
      h("p", {}, `The Space of ${userid}, with the URI ${space.uri ?? "(none)"}${space.callId ? ` and the call ID ${space.callId}` : ""}, is deleted from CMS; calls in it end.`),
      h("p", {}, "You can put it back as long as this page is open, but not its members and access methods."),
    ],
    work: () => call("DELETE", address(userid)),
    further: forced("DELETE", userid, () => undefined),
  });
  if (!answer) return;
  deleted.set(userid, { whole: answer.response, done });
  offerToPutBack();
  done(answer);
}

function offerToPutBack() {
  $("deleted").hidden = deleted.size === 0;
  $("deleted-list").replaceChildren(...[...deleted].map(([userid, { whole, done }]) => {
    const status = h("div", { class: "status" });
    const name = label(whole.coSpace);
    const back = button("Put it back", async () => {
      const answer = await during(back, status, "CMS", () => call("POST", address(userid), { body: whole }));
      if (!answer) return;
      deleted.delete(userid);
      offerToPutBack();
      done(answer);
    });
    back.setAttribute("aria-label", `Put ${name} back`);
    return h("li", { class: "row" }, h("span", { class: "grow" }, `${name}, ${userid}`), back, status);
  }));
}

export const hasDeleted = () => deleted.size > 0;
