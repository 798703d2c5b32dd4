import assert from "node:assert/strict";
import * as runner from "node:test";

import { ManagedIdentityCredential } from "@azure/identity";

import { world } from "../linarite.js";
import { password, Reports } from "../reports.js";

const { test } = runner;
const linarite = await world(runner);

test("reads with the machine's identity", async () => {
  assert.equal(await new Reports().read("hello_world.txt"), "Hello world! :)");
  assert.equal((await linarite.journal({ plane: "blob", operation: "Blob_Download", status: 2 })).length, 1);
});

test("reads a secret", async () => {
  assert.equal(await password(), "p@ssw0rd!");
});

test("may not write", async () => {
  await assert.rejects(new Reports().write("new.txt", "new"), { statusCode: 403, code: "AuthorizationPermissionMismatch" });
  // It says who asked and which right is missing, and prints the command that gives it.
  assert.match(await linarite.explain(), /linarite grant machine\/tutorial-vm "Storage Blob Data Contributor"/);
});

for (const turn of [1, 2]) {
  test(`begins without what others did, ${turn}`, async () => {
    await linarite.grant("Storage Blob Data Contributor", "DevTest/tutorialstore/files");
    const reports = new Reports();
    await assert.rejects(reports.read("left.txt"), { statusCode: 404 });
    await reports.write("left.txt", "left");
    assert.equal(await reports.read("left.txt"), "left");
  });
}

// The SDK keeps a machine's tokens as long as the process lives: this asks for one that no other test wants.
test("asks again when the metadata service throttles", async () => {
  await linarite.fault({ plane: "imds", nth: 1 }, { status: 429, retryAfter: "1s" });
  assert.ok((await new ManagedIdentityCredential().getToken("https://management.azure.com/.default")).token);
  assert.deepEqual((await linarite.journal({ plane: "imds" })).map((entry) => entry.status), [429, 200]);
});

// The SDK goes by its own clock, and believes in the token.
test("a token ends", async () => {
  const reports = new Reports();
  await reports.read("hello_world.txt");
  await linarite.advance("25h");
  await assert.rejects(reports.read("hello_world.txt"), { statusCode: 401 });
  assert.match(await linarite.explain(), /the token had expired/);
});
