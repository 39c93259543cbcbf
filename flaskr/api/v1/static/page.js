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
  plugins: [SendEmptyValue],
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  requestInterceptor: noteStart,
  responseInterceptor: addDuration,
  defaultModelExpandDepth: 9,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
