package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import linarite.Linarite;
import linarite.LinariteExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A second class, for a second virtual machine: mvn test -Dforks=2. */
@ExtendWith(LinariteExtension.class)
class MoreReportsTest {
    @Test
    void writesOnceItMay(Linarite linarite) {
        linarite.grant("machine/tutorial-vm", "Storage Blob Data Contributor", ReportsTest.FILES);
        var reports = new Reports();
        reports.write("new.txt", "new");
        assertEquals("new", reports.read("new.txt"));
    }
}
