// The code under test. It knows Azure, and nothing of Linarite.

import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { BlobServiceClient } from "@azure/storage-blob";

export class Reports {
  constructor() {
    const service = new BlobServiceClient("https://tutorialstore.blob.core.windows.net", new ManagedIdentityCredential());
    this.container = service.getContainerClient("files");
  }

  async read(name) {
    return String(await this.container.getBlobClient(name).downloadToBuffer());
  }

  write(name, text) {
    return this.container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text));
  }
}

export async function password() {
  const vault = new SecretClient("https://mytestkeyvault.vault.azure.net", new DefaultAzureCredential());
  return (await vault.getSecret("MyTestSecret")).value;
}
