package app;

import com.azure.core.credential.TokenCredential;
import com.azure.core.util.BinaryData;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;

/** The code under test. It knows Azure, and nothing of Linarite. */
public final class Reports {
    private final TokenCredential machine = new ManagedIdentityCredentialBuilder().build();
    private final BlobContainerClient files = new BlobServiceClientBuilder()
        .endpoint("https://tutorialstore.blob.core.windows.net").credential(machine).buildClient().getBlobContainerClient("files");

    public String read(String name) {
        return files.getBlobClient(name).downloadContent().toString();
    }

    public void write(String name, String text) {
        files.getBlobClient(name).upload(BinaryData.fromString(text), true);
    }

    public static String password() {
        return new SecretClientBuilder().vaultUrl("https://mytestkeyvault.vault.azure.net")
            .credential(new DefaultAzureCredentialBuilder().build()).buildClient().getSecret("MyTestSecret").getValue();
    }
}
