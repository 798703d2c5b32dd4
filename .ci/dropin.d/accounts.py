"""Accounts of AZURITE_ACCOUNTS, which take the place of devstoreaccount1."""

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, LocationMode

HOST = "http://127.0.0.1:10000/"


def service(account, key, **options):
    return BlobServiceClient.from_connection_string(
        f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};"
        f"BlobEndpoint={HOST}{account};BlobSecondaryEndpoint={HOST}{account}-secondary;",
        retry_total=0,
        **options,
    )


for account, key in [("account1", "c2VjcmV0"), ("account2", "Zmlyc3Q="), ("account2", "c2Vjb25k")]:
    name = "of-" + key.lower().rstrip("=")
    container = service(account, key).create_container(name)
    container.upload_blob("c.txt", b"hello")
    secondary = service(account, key, location_mode=LocationMode.SECONDARY).get_container_client(name)
    assert secondary.primary_hostname != secondary.secondary_hostname, secondary.secondary_hostname
    assert [b.name for b in secondary.list_blobs()] == ["c.txt"]
    assert secondary.download_blob("c.txt").readall() == b"hello"

for account, key, status in [("account1", "Zmlyc3Q=", 403), ("devstoreaccount1", "c2VjcmV0", 421)]:
    try:
        service(account, key).get_service_properties()
    except HttpResponseError as e:
        assert e.status_code == status, e
    else:
        raise AssertionError(account + " was let in")
