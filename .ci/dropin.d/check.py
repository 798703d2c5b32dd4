"""Storage clients of Python with the connection strings of storage emulators."""

from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient, CorsRule
from azure.storage.queue import QueueServiceClient

HOST = "http://127.0.0.1:"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
LONG = (
    f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};"
    f"BlobEndpoint={HOST}10000/devstoreaccount1;QueueEndpoint={HOST}10001/devstoreaccount1;"
    f"TableEndpoint={HOST}10002/devstoreaccount1;"
)


def refused(what):
    """Tells whether a call ends in the refusal of what is not emulated."""
    try:
        what()
    except HttpResponseError as e:
        assert e.status_code == 501, e
        assert "docs/azurite-dropin.md" in str(e), e
        return
    raise AssertionError("it was not refused")


for number, text in enumerate(["UseDevelopmentStorage=true", LONG]):
    container = BlobServiceClient.from_connection_string(text).create_container(f"python{number}")
    container.upload_blob("a b/c.txt", b"hello")
    assert [b.name for b in container.list_blobs()] == ["a b/c.txt"]
    assert container.download_blob("a b/c.txt").readall() == b"hello"

queues = QueueServiceClient.from_connection_string(LONG)
queues.set_service_properties(cors=[CorsRule(["*"], ["GET"])])
assert len(queues.get_service_properties()["cors"]) == 1
refused(lambda: queues.create_queue("jobs"))

tables = TableServiceClient.from_connection_string(LONG)
tables.set_service_properties()
assert tables.get_service_properties()["cors"] == []
refused(lambda: tables.create_table("rows"))
