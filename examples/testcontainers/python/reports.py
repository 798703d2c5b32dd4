"""The code under test. It knows Azure, and nothing of Linarite."""

from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient


def read(name):
    service = BlobServiceClient("https://tutorialstore.blob.core.windows.net", ManagedIdentityCredential())
    with service, service.get_blob_client("files", name) as blob:
        return blob.download_blob().readall().decode()
