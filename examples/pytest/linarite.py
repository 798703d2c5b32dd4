"""pytest fixtures that give each test a world of its own in Linarite.

Copy this file beside your conftest.py, and say there:

    pytest_plugins = ["linarite"]

The server is the one that LINARITE_URL names; else one is started for the whole run, by the program
that LINARITE names or that is in PATH. All workers of pytest-xdist share it. Code under test needs
no change: what it finds in the environment leads it into the test's world.
"""

import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest

PROGRAM = os.environ.get("LINARITE", "linarite")

# What a developer's or a runner's own login has set would lead the SDKs past the machine's identity.
OTHERS = ("AZURE_", "ARM_", "IDENTITY_", "MSI_")

SERVER = pytest.StashKey()


class ControlError(Exception):
    """What the control API refused. The message says what to do."""


class World:
    """A world, and the machine in it that the code under test is on."""

    def __init__(self, url, name, monkeypatch):
        self.url, self.name, self._monkeypatch = url, name, monkeypatch
        self.on()

    def on(self, machine=None):
        """Puts the code under test on a machine of the world, by default on the first one."""
        # The user of the proxy chooses. Python's clients send none without a password, which means nothing.
        proxy = self.url.replace("://", f"://{self.name}.{machine or ''}:linarite@")
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
            self._monkeypatch.setenv(name, proxy)

    def control(self, method, path, body=None, accept="application/json", **query):
        """Asks the control API (docs/control.md) about this world."""
        query = urllib.parse.urlencode({"world": self.name, **query})
        request = urllib.request.Request(f"{self.url}/_linarite/v1/{path}?{query}", method=method)
        request.add_header("Accept", accept)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with DIRECT.open(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise ControlError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def advance(self, by):
        """Moves the world's clock on, by "25h" or "90s"."""
        self.control("POST", "clock", {"op": "advance", "by": by})

    def fault(self, effect, **match):
        """Plans a fault (docs/faults.md): fault({"status": 429}, plane="imds", nth=1)."""
        self.control("POST", "faults", {"match": match, "effect": effect})

    def scenario(self, name):
        """Plans the faults of a scenario, such as "imds-throttled"."""
        self.control("POST", "faults", {"scenario": name})

    def grant(self, role, scope, principal="machine/tutorial-vm"):
        """Gives a principal a role, all written as in a world file."""
        self.control("POST", "grants", {"principal": principal, "role": role, "scope": scope})

    def revoke(self, role, scope, principal="machine/tutorial-vm"):
        """Takes back a role that was granted at exactly this scope."""
        self.control("DELETE", "grants", {"principal": principal, "role": role, "scope": scope})

    def journal(self, **which):
        """What was asked, oldest first: journal(plane="blob", status=403)."""
        return [json.loads(line) for line in self.control("GET", "journal", **which).splitlines()]

    def explain(self, which="last"):
        """Why a request was refused: who asked, which right at which scope, and what mends it."""
        return self.control("GET", f"explain/{which}", accept="text/plain")

    def refusals(self, limit=3):
        """The newest refusals, explained."""
        return "\n\n".join(self.explain(entry["seq"]) for entry in self.journal(refused="true", limit=limit))


@pytest.fixture(scope="session")
def linarite_url(pytestconfig):
    """The URL of the server. From here on, clients of Azure are led there."""
    url = server(pytestconfig)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith(OTHERS)]:
            monkeypatch.delenv(name)
        for name, value in environment(url).items():
            # On a virtual machine there is no App Service, whose endpoint the SDKs would prefer.
            if not name.startswith("IDENTITY_"):
                monkeypatch.setenv(name, value)
        yield url


@pytest.fixture
def linarite(linarite_url, monkeypatch):
    """A world of the test's own, a fork of the one that is served. The code under test is on its first machine."""
    world = World(linarite_url, "t-" + uuid.uuid4().hex[:12], monkeypatch)
    yield world
    world.control("DELETE", f"worlds/{world.name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds to the report of a failed test what its world refused, and why."""
    report = yield
    world = getattr(item, "funcargs", {}).get("linarite")
    if call.when == "call" and report.failed and world is not None:
        try:
            report.sections.append(("refused by Linarite", world.refusals() or "nothing"))
        except (ControlError, OSError) as error:
            report.sections.append(("Linarite", str(error)))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tells a worker of pytest-xdist the server of all."""
    node.workerinput["linarite_url"] = server(node.config)


# No proxy of the environment stands between the tests and the control API.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def environment(url):
    """The variables that lead clients to a server."""
    printed = subprocess.run([PROGRAM, "env", "--shell", "dotenv", "--url", url], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = (line.partition("=") for line in printed.splitlines())
    return {name: value[1:-1] if value[:1] in "'\"" and value else value for name, _, value in lines}


def server(config):
    """The URL of the server, which is started when it is asked for first."""
    if hasattr(config, "workerinput"):
        return config.workerinput["linarite_url"]
    if "LINARITE_URL" in os.environ:
        return os.environ["LINARITE_URL"].rstrip("/")
    if SERVER not in config.stash:
        config.stash[SERVER] = start(config)
    return config.stash[SERVER]


def start(config):
    folder = tempfile.TemporaryDirectory(prefix="linarite-")
    config.add_cleanup(folder.cleanup)
    ready, log = Path(folder.name, "ready.json"), Path(folder.name, "log")
    # --offline: what a test asks of hosts that are neither Azure's nor this machine's is refused.
    command = [PROGRAM, "serve", "--port", "0", "--https-port", "-1", "--blob-port", "-1", "--offline", "--log", "none", "--ready-file", str(ready)]
    try:
        with log.open("w") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    except FileNotFoundError:
        pytest.exit(f"there is no program {PROGRAM}: put linarite in PATH, or set LINARITE or LINARITE_URL", 2)
    config.add_cleanup(lambda: (process.terminate(), process.wait(10)))
    patience = time.monotonic() + 30
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > patience:
            pytest.exit(f"linarite serve does not get ready: {log.read_text()}", 2)
        time.sleep(0.02)
    return json.loads(ready.read_text())["url"]
