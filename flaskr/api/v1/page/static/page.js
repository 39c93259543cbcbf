// Shows the portal's swagger.json as the guide has it: sections unfolded, answers with their time.
"use strict";

// The tick box below a field that may be sent empty. Swagger UI gives all of its own the same ID, so
// that a click on the words beside any of them would tick the first one.
function SendEmptyValue(system) {
  const create = system.React.createElement;
  const TickBox = ({ isIncluded, isDisabled, onChange }) => {
    // Who fills in the field has moved on: the tick does not come back when it is cleared.
    system.React.useEffect(() => {
      if (isDisabled && isIncluded) onChange(false);
    }, [isDisabled]);
    return create(
      "label",
      { className: "parameter__empty_value_toggle" },
      create("input", {
        type: "checkbox",
        checked: Boolean(isIncluded) && !isDisabled,
        disabled: isDisabled,
        onChange: (event) => onChange(event.target.checked),
      }),
      "Send empty value",
    );
  };
  return { components: { ParameterIncludeEmpty: TickBox } };
}

// Asks before a Space is deleted: the click on Execute goes no further where the answer is no.
function AskBeforeDeletion(system) {
  const create = system.React.createElement;
  const ask = (event) => {
    const operation = event.currentTarget.closest(".opblock");
    const userid = operation.querySelector('[data-param-name="userid"] input').value;
    const question = `Delete the Space of the user ID "${userid}"? Its members are lost with it.`;
    if (userid && !confirm(question)) {
      event.stopPropagation();
    }
  };
  const asking = (Execute) => (properties) =>
    create("div", { className: "asks-first", onClickCapture: ask }, create(Execute, properties));
  return {
    wrapComponents: {
      execute: (Execute) => {
        const Asking = asking(Execute);
        return (properties) => create(properties.method === "delete" ? Asking : Execute, properties);
      },
    },
  };
}

// Swagger UI gives most of its fields no label, only a name that stands nearby.
const LABELS = [
  ["tr[data-param-name] :is(input[type=text], select, textarea)",
    (field) => field.closest("tr").dataset.paramName],
  ["tr[data-param-name] input[type=checkbox]",
    (field) => `Send ${field.closest("tr").dataset.paramName} empty`],
  [".content-type-wrapper select, .response-control-media-type select", () => "Content type"],
  [".auth-container input", () => "API key"],
];

function labelFields() {
  for (const [selector, nameOf] of LABELS) {
    for (const field of document.querySelectorAll(selector)) {
      field.setAttribute("aria-label", nameOf(field));
    }
  }
}

// Swagger UI has colours for the dark, and leaves it to the page to choose them.
const dark = matchMedia("(prefers-color-scheme: dark)");

function followSystem() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.addEventListener("change", followSystem);
followSystem();
new MutationObserver(labelFields).observe(document.body, { childList: true, subtree: true });

// Swagger UI itself shows the time of requests that succeed only.
const sent = new Map();

function noteStart(request) {
  sent.set(request.url, Date.now());
  return request;
}

function addDuration(response) {
  response.duration = Date.now() - sent.get(response.url);
  return response;
}

SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.specification,
  dom_id: "#swagger-ui",
  plugins: [SendEmptyValue, AskBeforeDeletion],
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  requestInterceptor: noteStart,
  responseInterceptor: addDuration,
  defaultModelExpandDepth: 9,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
