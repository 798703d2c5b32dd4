package testcontainers

import (
	"cmp"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/testcontainers/testcontainers-go"
	tcnetwork "github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/linarite/linarite/examples/testcontainers/go/reports"
)

// The code under test runs here, Linarite in a container.
func TestHost(t *testing.T) {
	l := start(t)

	t.Run("reads with the machine's identity", func(t *testing.T) {
		text, err := reports.Read(t.Context(), "hello_world.txt", &azcore.ClientOptions{Transport: l.client(t)})
		if err != nil || string(text) != "Hello world! :)" {
			t.Error(string(text), err)
		}
	})

	t.Run("may not read", func(t *testing.T) {
		client := l.client(t)
		l.control(t, http.MethodDelete, "grants", `{"principal":"machine/tutorial-vm","role":"Storage Blob Data Reader","scope":"DevTest"}`)
		_, err := reports.Read(t.Context(), "hello_world.txt", &azcore.ClientOptions{Transport: client})
		if !bloberror.HasCode(err, bloberror.AuthorizationPermissionMismatch) {
			t.Error(err)
		}
		// It says who asked and which right is missing, and prints the command that gives it.
		if why := l.control(t, http.MethodGet, "explain/last", ""); !strings.Contains(why, "linarite grant machine/tutorial-vm") {
			t.Error(why)
		}
	})
}

// The code under test runs in a container of its own, and asks the real address of the metadata service.
func TestContainers(t *testing.T) {
	testcontainers.SkipIfProviderIsNotHealthy(t)
	network := azure(t)
	l := start(t, on(network))
	app, err := testcontainers.Run(t.Context(), cmp.Or(os.Getenv("APP_IMAGE"), "linarite-example-app:dev"),
		tcnetwork.WithNetwork(nil, network), testcontainers.WithHostConfigModifier(asksLinarite),
		testcontainers.WithEnv(map[string]string{"SSL_CERT_FILE": "/ca.pem"}), testcontainers.WithCmd("hello_world.txt"),
		testcontainers.WithFiles(testcontainers.ContainerFile{Reader: strings.NewReader(l.authority(t)), ContainerFilePath: "/ca.pem", FileMode: 0o444}),
		testcontainers.WithWaitStrategy(wait.ForExit()))
	testcontainers.CleanupContainer(t, app)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := app.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	if printed, err := io.ReadAll(logs); err != nil || !strings.Contains(string(printed), "Hello world! :)") {
		t.Error(string(printed), err)
	}
}
