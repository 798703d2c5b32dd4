"""The code under test runs in a container of its own, and asks the real address of the metadata service."""

import os

from testcontainers.core.container import DockerContainer

from linarite_container import IMDS, AzureNetwork

APP = os.environ.get("APP_IMAGE", "linarite-example-app:dev")


def test_an_app_in_a_container_reads():
    with AzureNetwork() as network, network.linarite() as linarite:
        app = DockerContainer(APP).with_network(network).with_kwargs(dns=[IMDS]).with_env("SSL_CERT_FILE", "/ca.pem")
        app.with_copy_into_container(linarite.authority().encode(), "/ca.pem").with_command(["hello_world.txt"])
        with app:
            status = app.wait()
            printed, said = app.get_logs()
        assert (status, printed) == (0, b"Hello world! :)\n"), said
