// Holds recorded traffic against published API descriptions with oav, and prints what it finds, one JSON object a line.
// Blob storage is not among it: oav reads neither XML nor paths with queries, so blobspec does that.
//
// usage: node validate.js DESCRIPTIONS TRAFFIC
"use strict";
const fs = require("fs");
const path = require("path");
const oav = require(require.resolve("oav", { paths: [process.cwd()] }));

// The descriptions are read apart: oav tells the planes of one provider from each other by nothing but the path.
const planes = {
  arm: { host: /^https:\/\/management\./, specs: "specification/**/resource-manager/**/*.json" },
  vault: { host: /^https:\/\/[^/]*\.vault\./, specs: "specification/keyvault/data-plane/**/*.json" },
  imds: { host: /^http:\/\/169\.254\.169\.254\//, specs: "specification/imds/data-plane/**/*.json" },
};

async function main(root, file) {
  const lines = fs.readFileSync(file, "utf8").split("\n").filter((l) => l.trim()).map((l) => JSON.parse(l));
  for (const [plane, { host, specs }] of Object.entries(planes)) {
    const validator = new oav.LiveValidator({
      directory: path.resolve(root), swaggerPathsPattern: [specs], excludedSwaggerPathsPattern: ["**/examples/**/*"],
      git: { shouldClone: false }, isPathCaseSensitive: false, loadValidatorInBackground: false,
    }, () => {});
    await validator.initialize();
    for (const exchange of lines.filter((l) => host.test(l.liveRequest.url))) {
      const result = await validator.validateLiveRequestResponse(exchange);
      const line = { plane, method: exchange.liveRequest.method, url: exchange.liveRequest.url, status: Number(exchange.liveResponse.statusCode), undescribed: "", findings: [] };
      for (const side of ["request", "response"]) {
        const part = result[side + "ValidationResult"];
        if (part.runtimeException) line.undescribed = part.runtimeException.code;
        for (const e of part.errors || []) line.findings.push({ side, code: e.code, message: e.message, at: e.pathsInPayload || [] });
      }
      console.log(JSON.stringify(line));
    }
  }
  process.exit(0); // oav leaves timers behind
}

main(process.argv[2], process.argv[3]).catch((e) => { console.error(e); process.exit(2); });
