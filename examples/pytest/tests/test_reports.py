import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from reports import Reports, password


def test_reads_with_the_machines_identity(linarite):
    assert Reports().read("hello_world.txt") == "Hello world! :)"
    assert [entry["operation"] for entry in linarite.journal(plane="blob")] == ["Blob_Download"]


def test_reads_a_secret(linarite):
    assert password() == "p@ssw0rd!"


def test_may_not_write(linarite):
    with pytest.raises(HttpResponseError) as refused:
        Reports().write("new.txt", "new")
    assert (refused.value.status_code, refused.value.error_code) == (403, "AuthorizationPermissionMismatch")
    # It says who asked and which right is missing, and prints the command that gives it.
    assert 'linarite grant machine/tutorial-vm "Storage Blob Data Contributor"' in linarite.explain()


def test_writes_once_it_may(linarite):
    linarite.grant("Storage Blob Data Contributor", "DevTest/tutorialstore/files")
    Reports().write("new.txt", "new")
    assert Reports().read("new.txt") == "new"


@pytest.mark.parametrize("turn", [1, 2])
def test_begins_without_what_others_did(linarite, turn):
    """Both write what none of them may find."""
    linarite.grant("Storage Blob Data Contributor", "DevTest/tutorialstore/files")
    reports = Reports()
    with pytest.raises(HttpResponseError) as refused:
        reports.read("left.txt")
    assert refused.value.error_code == "BlobNotFound"
    reports.write("left.txt", "left")


def test_another_machine_has_another_identity(linarite):
    Reports().read("hello_world.txt")
    linarite.on("tutorial-vmss")
    Reports().read("hello_world.txt")
    first, second = (entry["principal"] for entry in linarite.journal(plane="blob"))
    assert first != second


def test_asks_again_when_the_metadata_service_throttles(linarite):
    linarite.fault({"status": 429}, plane="imds", nth=1)
    assert Reports().read("hello_world.txt") == "Hello world! :)"
    assert [entry["status"] for entry in linarite.journal(plane="imds")] == [429, 200]


def test_a_token_ends(linarite):
    """A day later the token has ended. The SDK goes by its own clock, and believes in it until it is refused."""
    reports = Reports()
    reports.read("hello_world.txt")
    linarite.advance("25h")
    with pytest.raises(ClientAuthenticationError):
        reports.read("hello_world.txt")
    assert Reports().read("hello_world.txt") == "Hello world! :)"
