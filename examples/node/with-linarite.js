// usage: node with-linarite.js COMMAND...
//
// Runs a command in an environment that leads clients of Azure into Linarite. The server is the one that LINARITE_URL
// names; else one is started for the command, by the program that LINARITE names or that is in PATH.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const program = process.env.LINARITE ?? "linarite";

async function serve(folder) {
  const [ready, said] = [join(folder, "ready.json"), []];
  // --offline: what a test asks of hosts that are neither Azure's nor this machine's is refused.
  const options = ["--port", "0", "--https-port", "-1", "--blob-port", "-1", "--offline", "--log", "none", "--ready-file", ready];
  const server = spawn(program, ["serve", ...options], { stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (data) => said.push(data));
  server.on("error", () => {}); // told by the absence of a process id
  for (const patience = Date.now() + 30_000; !existsSync(ready); await wait(20)) {
    if (!server.pid) throw new Error(`there is no program ${program}: put linarite in PATH, or set LINARITE or LINARITE_URL`);
    if (server.exitCode !== null || Date.now() > patience) {
      server.kill();
      throw new Error(`${program} serve does not get ready: ${said.join("")}`);
    }
  }
  return { server, url: JSON.parse(readFileSync(ready, "utf8")).url };
}

/** This process's environment without anybody's login at Azure, and with what leads into the world. */
function environment(url) {
  const printed = execFileSync(program, ["env", "--shell", "dotenv", "--url", url], { encoding: "utf8" });
  const variables = printed.split("\n").filter(Boolean).map((line) => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line);
    return [name, value.replace(/^(['"])(.*)\1$/, "$2")];
  });
  const own = Object.entries(process.env).filter(([name]) => !/^(AZURE|ARM|IDENTITY|MSI)_/.test(name));
  // On a virtual machine there is no App Service, whose endpoint the SDK would prefer.
  return Object.fromEntries([...own, ...variables.filter(([name]) => !name.startsWith("IDENTITY_"))]);
}

const command = process.argv.slice(2);
if (command.length === 0) {
  console.error("usage: node with-linarite.js COMMAND...");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "linarite-"));
let served;
try {
  served = process.env.LINARITE_URL ? { url: process.env.LINARITE_URL } : await serve(folder);
  const child = spawn(command[0], command.slice(1), { stdio: "inherit", env: environment(served.url) });
  process.exitCode = await new Promise((resolve, reject) => child.on("error", reject).on("exit", (code) => resolve(code ?? 1)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  served?.server?.kill();
  rmSync(folder, { recursive: true });
}
