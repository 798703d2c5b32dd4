import assert from "node:assert/strict";
import * as runner from "node:test";

import { world } from "../linarite.js";
import { Reports } from "../reports.js";

const linarite = await world(runner);

// Another file, another process, another world: what is granted and written here is there for nobody else.
runner.test("writes once it may", async () => {
  await linarite.grant("Storage Blob Data Contributor", "DevTest/tutorialstore/files");
  const reports = new Reports();
  await reports.write("left.txt", "left");
  assert.equal(await reports.read("left.txt"), "left");
});
