package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** The code under test runs in a container of its own, and asks the real address of the metadata service. */
class ContainersTest {
    static final String APP = System.getenv().getOrDefault("APP_IMAGE", "linarite-example-app:dev");

    @Test
    void anAppInAContainerReads() {
        try (var azure = LinariteContainer.azure();
            var linarite = new LinariteContainer().at(azure);
            var app = new GenericContainer<>(DockerImageName.parse(APP))) {
            linarite.start();
            app.withNetwork(azure).withEnv("SSL_CERT_FILE", "/ca.pem").withCommand("hello_world.txt")
                .withCreateContainerCmdModifier(create -> create.getHostConfig().withDns(LinariteContainer.IMDS))
                .withCopyToContainer(Transferable.of(linarite.authority()), "/ca.pem")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy()) // done is started; a failure is none
                .start();
            assertEquals("Hello world! :)\n", app.getLogs(OutputFrame.OutputType.STDOUT));
        }
    }
}
