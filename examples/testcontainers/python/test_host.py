"""The code under test runs here, Linarite in a container."""

import uuid

import pytest
from azure.core.exceptions import HttpResponseError

from linarite_container import LinariteContainer
from reports import read


@pytest.fixture(scope="session")
def container():
    with LinariteContainer() as container:
        yield container


@pytest.fixture
def world(container, tmp_path, monkeypatch):
    """The name of a world of the test's own."""
    name = "t-" + uuid.uuid4().hex[:12]
    for variable, value in container.environment(tmp_path, name).items():
        monkeypatch.setenv(variable, value)
    yield name
    container.control("DELETE", f"worlds/{name}")


def test_reads_with_the_machines_identity(world):
    assert read("hello_world.txt") == "Hello world! :)"


def test_may_not_read(container, world):
    everything = {"principal": "machine/tutorial-vm", "role": "Storage Blob Data Reader", "scope": "DevTest"}
    container.control("DELETE", "grants", everything, world)
    with pytest.raises(HttpResponseError) as refused:
        read("hello_world.txt")
    assert (refused.value.status_code, refused.value.error_code) == (403, "AuthorizationPermissionMismatch")
    # It says who asked and which right is missing, and prints the command that gives it.
    assert "linarite grant machine/tutorial-vm" in container.control("GET", "explain/last", world=world)
