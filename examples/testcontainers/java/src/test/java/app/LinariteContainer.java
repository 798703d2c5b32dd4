package app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Linarite in a container, for code under test in this virtual machine and in other containers. */
final class LinariteContainer extends GenericContainer<LinariteContainer> {
    static final String IMAGE = System.getenv().getOrDefault("LINARITE_IMAGE", "linarite:dev");
    static final int FRONT_DOOR = 4280;
    static final String IMDS = "169.254.169.254";

    LinariteContainer() {
        super(DockerImageName.parse(IMAGE));
        withExposedPorts(FRONT_DOOR);
        waitingFor(Wait.forHttp("/_linarite/v1/health").forPort(FRONT_DOOR).withHeader("Host", "localhost"));
    }

    /** A network on which a container can have the address of the metadata service. */
    static Network azure() {
        var pool = new com.github.dockerjava.api.model.Network.Ipam.Config().withSubnet("169.254.169.0/24");
        var ipam = new com.github.dockerjava.api.model.Network.Ipam().withConfig(pool);
        return Network.builder().createNetworkCmdModifier(network -> network.withIpam(ipam)).build();
    }

    /** Puts the container where Azure's addresses and names lead to, for containers whose name server is IMDS. */
    LinariteContainer at(Network azure) {
        return withNetwork(azure).withCreateContainerCmdModifier(create -> create.withIpv4Address(IMDS))
            .withCommand("serve", "--host", "0.0.0.0", "--control-from", "gateway", "--offline", "--imds-address", IMDS + ":80",
                "--https-address", IMDS + ":443", "--dns-address", IMDS + ":53");
    }

    /** The certificate that clients have to trust, as PEM. */
    String authority() {
        return control("GET", "ca.pem", null);
    }

    /** Asks the control API (docs/control.md). */
    String control(String method, String path, String body) {
        try {
            var url = URI.create("http://" + getHost() + ":" + getMappedPort(FRONT_DOOR) + "/_linarite/v1/" + path).toURL();
            var request = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            request.setRequestMethod(method);
            request.setRequestProperty("Host", "localhost");
            if (body != null) {
                request.setDoOutput(true);
                request.setRequestProperty("Content-Type", "application/json");
                request.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            boolean ok = request.getResponseCode() < 300;
            try (var answer = ok ? request.getInputStream() : request.getErrorStream()) {
                String text = answer == null ? "" : new String(answer.readAllBytes(), StandardCharsets.UTF_8);
                if (!ok) {
                    throw new IllegalStateException(method + " " + path + ": " + text);
                }
                return text;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Leads clients of Azure in this virtual machine into the container's world, by system properties that they read when
     * they are built: its proxy, and whom to trust beside the usual ones.
     */
    void lead(Path folder) {
        for (String scheme : List.of("http", "https")) {
            System.setProperty(scheme + ".proxyHost", getHost());
            System.setProperty(scheme + ".proxyPort", String.valueOf(getMappedPort(FRONT_DOOR)));
        }
        System.setProperty("http.nonProxyHosts", "localhost|127.*|[::1]");
        Path store = folder.resolve("trust.p12");
        String password = "linarite"; // guards nothing: what is in the store is public
        try (OutputStream out = Files.newOutputStream(store)) {
            trusted(authority()).store(out, password.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
        System.setProperty("javax.net.ssl.trustStorePassword", password);
    }

    private static KeyStore trusted(String authority) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var usual = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        usual.init((KeyStore) null);
        for (X509Certificate one : ((X509TrustManager) usual.getTrustManagers()[0]).getAcceptedIssuers()) {
            store.setCertificateEntry(one.getSubjectX500Principal().getName() + " " + one.getSerialNumber(), one);
        }
        var pem = new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII));
        store.setCertificateEntry("linarite", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        return store;
    }
}
