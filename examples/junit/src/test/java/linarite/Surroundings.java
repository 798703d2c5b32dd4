package linarite;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The system properties that lead clients of Azure in this virtual machine through a world's proxy and make them trust its
 * authority, beside those they trust already. Clients read them when they are built, so that this has to come before the
 * first. Closed, they are what they were.
 */
final class Surroundings implements AutoCloseable {
    // It guards nothing: what is in the store is public, and Java reads none without. For a proxy it means nothing.
    private static final String PASSWORD = "linarite";

    private final Map<String, String> before = new HashMap<>();

    Surroundings(URI proxy, String authority, Path folder) {
        try {
            Path store = folder.resolve("trust.p12");
            try (OutputStream out = Files.newOutputStream(store)) {
                trustStore(authority).store(out, PASSWORD.toCharArray());
            }
            set("javax.net.ssl.trustStore", store.toString());
            set("javax.net.ssl.trustStoreType", "PKCS12");
            set("javax.net.ssl.trustStorePassword", PASSWORD);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String scheme : new String[] {"http", "https"}) {
            set(scheme + ".proxyHost", proxy.getHost());
            set(scheme + ".proxyPort", String.valueOf(proxy.getPort()));
            if (proxy.getUserInfo() != null) { // the name of a world; the SDK tells it when `linarite serve --ask-user` asks
                set(scheme + ".proxyUser", proxy.getUserInfo());
                set(scheme + ".proxyPassword", PASSWORD);
            }
        }
        // The default but for systems that add the metadata service's address to it, as macOS does.
        set("http.nonProxyHosts", "localhost|127.*|[::1]");
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    private static KeyStore trustStore(String authority) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        TrustManagerFactory now = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        now.init((KeyStore) null);
        int n = 0;
        for (X509Certificate trusted : ((X509TrustManager) now.getTrustManagers()[0]).getAcceptedIssuers()) {
            store.setCertificateEntry("trusted-" + n++, trusted);
        }
        var pem = new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII));
        store.setCertificateEntry("linarite", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        return store;
    }

    @Override
    public void close() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }
}
