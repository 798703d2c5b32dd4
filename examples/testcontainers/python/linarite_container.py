"""Linarite in a container, for code under test in this process and in other containers."""

import json
import os
import urllib.parse
import urllib.request
from pathlib import Path

import certifi
from docker.types import EndpointConfig, IPAMConfig, IPAMPool
from docker.version import __version__ as docker_version
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.wait_strategies import HttpWaitStrategy

IMAGE = os.environ.get("LINARITE_IMAGE", "linarite:dev")
FRONT_DOOR = 4280
IMDS = "169.254.169.254"
LOOPBACK = ("Host", "localhost")  # the control API answers to no other, and the engine may be on another machine


class LinariteContainer(DockerContainer):
    """A running Linarite. Worlds in it are made by being named."""

    def __init__(self, image=IMAGE, **kwargs):
        super().__init__(image, **kwargs)
        self.with_exposed_ports(FRONT_DOOR)
        self.waiting_for(HttpWaitStrategy(FRONT_DOOR, "/_linarite/v1/health").with_header(*LOOPBACK))

    @property
    def url(self):
        """The front door, as this process reaches it: HTTP, and the proxy."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(FRONT_DOOR)}"

    def control(self, method, path, body=None, world="", **query):
        """Asks the control API (docs/control.md)."""
        query = urllib.parse.urlencode({**({"world": world} if world else {}), **query})
        request = urllib.request.Request(f"{self.url}/_linarite/v1/{path}?{query}", method=method)
        request.add_header(*LOOPBACK)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.read().decode()

    def authority(self):
        """The certificate that clients have to trust, as PEM."""
        return self.control("GET", "ca.pem")

    def environment(self, folder, world=""):
        """What leads clients in a process into a world: its proxy, and whom to trust beside the usual ones."""
        bundle = Path(folder, "bundle.pem")
        bundle.write_text(Path(certifi.where()).read_text() + self.authority())
        proxy = self.url.replace("://", f"://{world}.:linarite@") if world else self.url
        variables = dict.fromkeys(["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"], proxy)
        return {**variables, "no_proxy": "", "NO_PROXY": "", "REQUESTS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}


class AzureNetwork(Network):
    """A network on which Azure's addresses and names lead to Linarite, for containers whose name server is IMDS."""

    def __init__(self):
        super().__init__(docker_network_kw={"ipam": IPAMConfig(pool_configs=[IPAMPool(subnet="169.254.169.0/24")])})

    def linarite(self):
        """The container that answers there, not started yet."""
        endpoint = EndpointConfig(docker_version, ipv4_address=IMDS)
        container = LinariteContainer().with_kwargs(network=self.name, networking_config={self.name: endpoint})
        at = ["--imds-address", IMDS + ":80", "--https-address", IMDS + ":443", "--dns-address", IMDS + ":53"]
        return container.with_command(["serve", "--host", "0.0.0.0", "--control-from", "gateway", "--offline", *at])
