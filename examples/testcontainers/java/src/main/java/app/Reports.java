package app;

import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.BlobServiceClientBuilder;

/** The code under test. It knows Azure, and nothing of Linarite. */
public final class Reports {
    private Reports() {}

    public static String read(String name) {
        return new BlobServiceClientBuilder().endpoint("https://tutorialstore.blob.core.windows.net")
            .credential(new ManagedIdentityCredentialBuilder().build()).buildClient()
            .getBlobContainerClient("files").getBlobClient(name).downloadContent().toString();
    }
}
