package linarite;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A world, by its control API (docs/control.md). Spans of time are written as in Go: 25h, 90s. */
public final class Linarite implements AutoCloseable {
    private static final Pattern SEQ = Pattern.compile("\"seq\":(\\d+)"), URL = Pattern.compile("\"url\":\"([^\"]+)\"");

    // No proxy of the system's, not even the world's own.
    private final HttpClient http = HttpClient.newBuilder().proxy(ProxySelector.of(null)).build();
    private final URI api;
    private final Process server;
    private final Path folder;
    private final Surroundings surroundings;
    private String begin = "0";

    private Linarite(URI url, Process server, Path folder) {
        this.server = server;
        this.folder = folder;
        // A URL may name a world, as the user of a proxy does; at the front door that stands before the path.
        api = url.resolve((url.getUserInfo() == null ? "" : "/~" + url.getUserInfo()) + "/_linarite/v1/");
        surroundings = new Surroundings(url, ask("GET", "ca.pem", null), folder);
    }

    static Linarite open() {
        try {
            Path folder = Files.createTempDirectory("linarite-");
            String served = System.getenv("LINARITE_URL");
            return served != null ? new Linarite(URI.create(served), null, folder) : serve(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Linarite serve(Path folder) throws IOException {
        String program = System.getenv().getOrDefault("LINARITE", "linarite");
        File ready = folder.resolve("ready.json").toFile(), log = folder.resolve("log").toFile();
        // --offline: what a test asks of hosts that are neither Azure's nor this machine's is refused.
        Process server = new ProcessBuilder(program, "serve", "--port", "0", "--https-port", "-1", "--blob-port", "-1", "--offline", "--log", "none",
            "--ready-file", ready.getPath()).redirectErrorStream(true).redirectOutput(log).start();
        for (int waited = 0; !ready.exists(); waited += 20) {
            if (exited(server, 20) || waited > 30_000) {
                server.destroy();
                throw new IOException("linarite serve does not get ready: " + Files.readString(log.toPath()));
            }
        }
        Matcher at = URL.matcher(Files.readString(ready.toPath()));
        if (!at.find()) {
            throw new IOException("linarite serve has no front door: " + ready);
        }
        return new Linarite(URI.create(at.group(1)), server, folder);
    }

    private static boolean exited(Process server, long milliseconds) {
        try {
            return server.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Puts the world back to what it was opened with: its clock, faults and grants too. */
    public void reset() {
        ask("POST", "reset", null);
        List<String> all = lines("limit=1");
        begin = all.isEmpty() ? "0" : seq(all.get(0));
    }

    /** Moves the world's clock on. */
    public void advance(String by) {
        ask("POST", "clock", "{\"op\":\"advance\",\"by\":\"" + by + "\"}");
    }

    /** Plans a fault, a rule as in docs/faults.md. */
    public void fault(String rule) {
        ask("POST", "faults", rule);
    }

    /** Plans the faults of a scenario, such as imds-throttled. */
    public void scenario(String name) {
        fault("{\"scenario\":\"" + name + "\"}");
    }

    /** Gives a principal a role, all written as in a world file. */
    public void grant(String principal, String role, String scope) {
        ask("POST", "grants", "{\"principal\":\"%s\",\"role\":\"%s\",\"scope\":\"%s\"}".formatted(principal, role, scope));
    }

    /** Takes back a role that was granted at exactly this scope. */
    public void revoke(String principal, String role, String scope) {
        ask("DELETE", "grants", "{\"principal\":\"%s\",\"role\":\"%s\",\"scope\":\"%s\"}".formatted(principal, role, scope));
    }

    /** What was asked since the test began, oldest first, each a line of JSON; the query chooses, such as plane=blob. */
    public List<String> journal(String query) {
        return lines(query + "&after=" + begin);
    }

    /** Why a request was refused: who asked, which right at which scope, and what mends it. */
    public String explain(String which) {
        return ask("GET", "explain/" + which, null);
    }

    /** The newest refusals since the test began, explained. */
    String refusals() {
        List<String> all = new ArrayList<>();
        for (String entry : journal("refused=true&limit=3")) {
            all.add(explain(seq(entry)));
        }
        return all.isEmpty() ? "nothing" : String.join("\n", all);
    }

    private List<String> lines(String query) {
        return ask("GET", "journal?" + query, null).lines().toList();
    }

    private static String seq(String entry) {
        Matcher seq = SEQ.matcher(entry);
        if (!seq.find()) {
            throw new IllegalStateException("no entry of the journal: " + entry);
        }
        return seq.group(1);
    }

    /** Asks the control API, and fails with its message, which says what to do. */
    private String ask(String method, String path, String body) {
        var request = HttpRequest.newBuilder(api.resolve(path)).timeout(Duration.ofSeconds(30)).header("Accept", "text/plain, */*")
            .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + api + ": is linarite serve running there?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        surroundings.close();
        if (server != null) {
            server.destroy();
            exited(server, 10_000);
        }
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
