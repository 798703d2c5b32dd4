// Storage clients of JavaScript with the connection string of storage emulators.
import assert from "node:assert";
import { BlobServiceClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import { TableServiceClient } from "@azure/data-tables";

const text = "UseDevelopmentStorage=true";
const container = BlobServiceClient.fromConnectionString(text).getContainerClient("javascript");
await container.create();
await container.getBlockBlobClient("a b/c.txt").upload("hello", 5);
const names = [];
for await (const blob of container.listBlobsFlat()) names.push(blob.name);
assert.deepEqual(names, ["a b/c.txt"]);
assert.equal((await container.getBlobClient("a b/c.txt").downloadToBuffer()).toString(), "hello");

const refusal = (e) => e.statusCode === 501 && e.message.includes("docs/azurite-dropin.md");
const queues = QueueServiceClient.fromConnectionString(text);
assert.equal((await queues.getProperties()).queueAnalyticsLogging.version, "1.0");
await assert.rejects(queues.createQueue("jobs"), refusal);
const tables = TableServiceClient.fromConnectionString(text, { allowInsecureConnection: true });
assert.equal((await tables.getProperties()).logging.version, "1.0");
await assert.rejects(tables.createTable("rows"), refusal);
