package app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import linarite.Linarite;
import linarite.LinariteExtension;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LinariteExtension.class)
class ReportsTest {
    static final String FILES = "DevTest/tutorialstore/files";

    @Test
    void readsWithTheMachinesIdentity(Linarite linarite) {
        assertEquals("Hello world! :)", new Reports().read("hello_world.txt"));
        assertEquals(1, linarite.journal("plane=blob&operation=Blob_Download&status=200").size());
    }

    @Test
    void readsASecret() {
        assertEquals("p@ssw0rd!", Reports.password());
    }

    @Test
    void mayNotWrite(Linarite linarite) {
        var refused = assertThrows(BlobStorageException.class, () -> new Reports().write("new.txt", "new"));
        assertEquals(403, refused.getStatusCode());
        assertEquals(BlobErrorCode.AUTHORIZATION_PERMISSION_MISMATCH, refused.getErrorCode());
        // It says who asked and which right is missing, and prints the command that gives it.
        assertTrue(linarite.explain("last").contains("linarite grant machine/tutorial-vm \"Storage Blob Data Contributor\""));
    }

    @RepeatedTest(2)
    void beginsWithoutWhatOthersDid(Linarite linarite) {
        linarite.grant("machine/tutorial-vm", "Storage Blob Data Contributor", FILES);
        var reports = new Reports();
        var refused = assertThrows(BlobStorageException.class, () -> reports.read("left.txt"));
        assertEquals(BlobErrorCode.BLOB_NOT_FOUND, refused.getErrorCode());
        reports.write("left.txt", "left");
        assertEquals("left", reports.read("left.txt"));
    }

    /** MSAL keeps a machine's tokens as long as the virtual machine lives: this asks for one that no other test wants. */
    @Test
    void asksAgainWhenTheMetadataServiceThrottles(Linarite linarite) {
        linarite.fault("{\"match\":{\"plane\":\"imds\",\"nth\":1},\"effect\":{\"status\":429}}");
        var arm = new TokenRequestContext().addScopes("https://management.azure.com/.default");
        assertFalse(new ManagedIdentityCredentialBuilder().build().getTokenSync(arm).isExpired());
        assertEquals(1, linarite.journal("plane=imds&status=429").size());
        assertEquals(1, linarite.journal("plane=imds&status=200").size());
    }

    /** A day later the token has ended. The SDK goes by its own clock, and believes in it. */
    @Test
    void aTokenEnds(Linarite linarite) {
        var reports = new Reports();
        reports.read("hello_world.txt");
        linarite.advance("25h");
        var refused = assertThrows(BlobStorageException.class, () -> reports.read("hello_world.txt"));
        assertEquals(BlobErrorCode.INVALID_AUTHENTICATION_INFO, refused.getErrorCode());
        assertTrue(linarite.explain("last").contains("the token had expired"));
    }
}
