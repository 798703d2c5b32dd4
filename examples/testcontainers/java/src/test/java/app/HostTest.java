package app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code under test runs here, Linarite in a container. */
class HostTest {
    static final LinariteContainer LINARITE = new LinariteContainer();

    @BeforeAll
    static void start(@TempDir Path folder) {
        LINARITE.start();
        LINARITE.lead(folder);
    }

    @AfterAll
    static void stop() {
        LINARITE.stop();
    }

    @BeforeEach
    void reset() {
        LINARITE.control("POST", "reset", null);
    }

    @Test
    void readsWithTheMachinesIdentity() {
        assertEquals("Hello world! :)", Reports.read("hello_world.txt"));
    }

    @Test
    void mayNotRead() {
        LINARITE.control("DELETE", "grants", "{\"principal\":\"machine/tutorial-vm\",\"role\":\"Storage Blob Data Reader\",\"scope\":\"DevTest\"}");
        var refused = assertThrows(BlobStorageException.class, () -> Reports.read("hello_world.txt"));
        assertEquals(BlobErrorCode.AUTHORIZATION_PERMISSION_MISMATCH, refused.getErrorCode());
        // It says who asked and which right is missing, and prints the command that gives it.
        assertTrue(LINARITE.control("GET", "explain/last", null).contains("linarite grant machine/tutorial-vm"));
    }
}
