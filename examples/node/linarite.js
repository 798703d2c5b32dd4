// Tests in a world of Linarite, by the runner that Node brings. It gives each test file a process, so each has a world of
// its own: the SDK keeps a machine's tokens for the whole process. Code under test needs no change.
//
// Node reads which certificates it trusts when it starts: with-linarite.js starts it.

import { randomUUID } from "node:crypto";
import http from "node:http";

/** The world of this process, and what tests do with it: the control API (docs/control.md). */
export class World {
  constructor(url = process.env.LINARITE_URL, name = `t-${randomUUID().slice(0, 13)}`) {
    if (!url) throw new Error("LINARITE_URL is not set: run the tests by `node with-linarite.js node --test`");
    [this.url, this.name] = [url, name];
    this.on();
  }

  /** Puts the code under test on a machine of the world, by default on the first one: for clients that are built from now on. */
  on(machine = "") {
    const proxy = this.url.replace("://", `://${this.name}.${machine}:linarite@`);
    for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"]) process.env[name] = proxy;
  }

  async control(method, path, body, query = {}) {
    const url = `${this.url}/_linarite/v1/${path}?${new URLSearchParams({ world: this.name, ...query })}`;
    const headers = { Accept: "text/plain, */*", ...(body && { "Content-Type": "application/json" }) };
    const answer = await direct(url, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  /** Puts the world back to what it was opened with: its clock, faults and grants too. */
  async reset() {
    await this.control("POST", "reset");
    this.begin = (await this.entries({ limit: 1 }))[0]?.seq ?? 0;
  }

  advance = (by) => this.control("POST", "clock", { op: "advance", by });
  fault = (match, effect) => this.control("POST", "faults", { match, effect });
  scenario = (scenario) => this.control("POST", "faults", { scenario });
  grant = (role, scope, principal = "machine/tutorial-vm") => this.control("POST", "grants", { principal, role, scope });
  revoke = (role, scope, principal = "machine/tutorial-vm") => this.control("DELETE", "grants", { principal, role, scope });
  explain = (which = "last") => this.control("GET", `explain/${which}`);
  journal = (which = {}) => this.entries({ after: this.begin ?? 0, ...which });
  end = () => this.control("DELETE", `worlds/${this.name}`);

  async entries(which) {
    const lines = await this.control("GET", "journal", undefined, which);
    return lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  /** The newest refusals since the last reset, explained. */
  async refusals() {
    const entries = await this.journal({ refused: true, limit: 3 });
    return (await Promise.all(entries.map((entry) => this.explain(entry.seq)))).join("\n");
  }
}

/** For a test file: a world that is put back before each test, and that tells what it refused when one fails. */
export async function world({ after, afterEach, beforeEach }) {
  const world = new World();
  beforeEach(() => world.reset());
  afterEach(async ({ name, passed }) => {
    if (!passed) console.error(`Refused by Linarite in "${name}":\n${(await world.refusals()) || "nothing"}`);
  });
  after(async () => {
    await world.end();
    agent.destroy();
  });
  return world;
}

// An agent of its own goes through no proxy, whatever the environment says.
const agent = new http.Agent({ keepAlive: true });

function direct(url, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, timeout: 30_000, ...options }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, text })).on("error", reject);
    });
    request.on("error", reject).on("timeout", () => request.destroy(new Error(`${url} does not answer`)));
    request.end(body);
  });
}
