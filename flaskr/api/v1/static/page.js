// Shows the portal's swagger.json as the guide has it: sections unfolded, answers with their time.
"use strict";

SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.specification,
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
