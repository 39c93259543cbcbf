// Shows the portal's openapi.json as the guide has it: sections unfolded, answers with their time.
"use strict";

const FORM = "application/x-www-form-urlencoded";
const LINES = "application/x-ndjson";

// Fields of forms are blank, and those that may be sent empty have a tick box for that below. Swagger
// UI fills all of them in, with "string" or the first choice, and has a box below each, ticked.
function BlankFields(system) {
  const { createContext, createElement: create, useContext, useEffect } = system.React;
  const Body = createContext({ getIn: () => false });
  const TickBox = ({ isIncluded, isDisabled, isIncludedOptions, onChange }) => {
    const field = ["content", FORM, "schema", "properties", isIncludedOptions.key];
    const mayBeEmpty = useContext(Body).getIn([...field, "x-may-be-empty"]);
    // Who fills in the field has moved on: the tick does not come back when it is cleared.
    useEffect(() => {
      if (isDisabled && isIncluded) onChange(false);
    }, [isDisabled]);
    return mayBeEmpty ? create(
      "label",
      { className: "parameter__empty_value_toggle" },
      create("input", {
        type: "checkbox",
        checked: Boolean(isIncluded) && !isDisabled,
        disabled: isDisabled,
        onChange: (event) => onChange(event.target.checked),
      }),
      "Send empty value",
    ) : null;
  };
  const withBlanks = (fn) => ({
    ...fn,
    getSampleSchema: (schema, contentType, options, example) => {
      if (!contentType) return "";
      // Lines of JSON are no JSON, though the name of their kind has it in it.
      return contentType === LINES ? example : fn.getSampleSchema(schema, contentType, options, example);
    },
  });
  return {
    components: { ParameterIncludeEmpty: TickBox },
    wrapComponents: {
      RequestBody: (RequestBody) => (properties) => create(
        Body.Provider,
        { value: properties.requestBody },
        create(RequestBody, { ...properties, fn: withBlanks(properties.fn) }),
      ),
    },
  };
}

// Begins with nothing where another kind of body is chosen, and after Reset. Swagger UI would make a
// text of the form's fields, and reset only those that the example has, which has none.
function FreshBody() {
  const begin = (choose, system) => (choice) => {
    system.oas3Actions.setRequestBodyValue({ value: undefined, pathMethod: choice.pathMethod });
    return choose(choice);
  };
  const reset = (set) => ({ value, ...others }) =>
    set({ value: value?.size === 0 ? undefined : value, ...others });
  return {
    statePlugins: {
      oas3: { wrapActions: { setRequestContentType: begin, setRequestBodyValue: reset } },
    },
  };
}

// Shows lines of JSON as the text that they are, where Swagger UI says that it can't parse them.
function PlainLines(system) {
  const create = system.React.createElement;
  const plain = (contentType) => contentType === LINES ? "text/plain" : contentType;
  return {
    wrapComponents: {
      responseBody: (ResponseBody) => (properties) =>
        create(ResponseBody, { ...properties, contentType: plain(properties.contentType) }),
    },
  };
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
const nameOf = ({ paramName, propertyName }) => paramName ?? propertyName;
const LABELS = [
  ["tr.parameters :is(input[type=text], select, textarea), tr[data-param-name] :is(input, select)",
    (field) => nameOf(field.closest("tr").dataset)],
  ["tr[data-property-name] input[type=checkbox]",
    (field) => `Send ${nameOf(field.closest("tr").dataset)} empty`],
  ["textarea.body-param__text", () => "Request body"],
  [".auth-container input", () => "API key"],
];

function labelFields() {
  for (const [selector, labelOf] of LABELS) {
    for (const field of document.querySelectorAll(selector)) {
      field.setAttribute("aria-label", labelOf(field));
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
  plugins: [BlankFields, FreshBody, PlainLines, AskBeforeDeletion],
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  requestInterceptor: noteStart,
  responseInterceptor: addDuration,
  defaultModelExpandDepth: 9,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
