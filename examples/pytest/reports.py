"""The code under test. It knows Azure, and nothing of Linarite."""

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.storage.blob import BlobServiceClient

ACCOUNT = "https://tutorialstore.blob.core.windows.net"
VAULT = "https://mytestkeyvault.vault.azure.net"


class Reports:
    """Reports in a container. Each object asks for tokens of its own."""

    def __init__(self):
        self.container = BlobServiceClient(ACCOUNT, ManagedIdentityCredential()).get_container_client("files")

    def read(self, name):
        return self.container.download_blob(name).readall().decode()

    def write(self, name, text):
        self.container.upload_blob(name, text, overwrite=True)


def password():
    with SecretClient(VAULT, DefaultAzureCredential()) as vault:
        return vault.get_secret("MyTestSecret").value
