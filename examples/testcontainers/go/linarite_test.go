package testcontainers

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	tcnetwork "github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	frontDoor = "4280/tcp"
	imds      = "169.254.169.254"
)

// linarite is a running container.
type linarite struct {
	// url is the front door, as this process reaches it: HTTP, and the proxy.
	url string
}

// start runs Linarite until the test ends. Where there is no container engine, the test is skipped.
func start(t *testing.T, options ...testcontainers.ContainerCustomizer) *linarite {
	t.Helper()
	testcontainers.SkipIfProviderIsNotHealthy(t)
	image := cmp.Or(os.Getenv("LINARITE_IMAGE"), "linarite:dev")
	// Where the engine is on another machine, the control API refuses the Host; that is an answer too.
	answers := func(status int) bool { return status < http.StatusInternalServerError }
	options = append(options, testcontainers.WithExposedPorts(frontDoor),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/_linarite/v1/health").WithPort(frontDoor).WithStatusCodeMatcher(answers)))
	running, err := testcontainers.Run(t.Context(), image, options...)
	testcontainers.CleanupContainer(t, running)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := running.PortEndpoint(t.Context(), frontDoor, "http")
	if err != nil {
		t.Fatal(err)
	}
	return &linarite{url: endpoint}
}

// azure is a network on which Linarite can have the address of the metadata service.
func azure(t *testing.T) *testcontainers.DockerNetwork {
	t.Helper()
	pool := network.IPAMConfig{Subnet: netip.MustParsePrefix("169.254.169.0/24")}
	made, err := tcnetwork.New(t.Context(), tcnetwork.WithIPAM(&network.IPAM{Config: []network.IPAMConfig{pool}}))
	if err != nil {
		t.Fatal(err)
	}
	testcontainers.CleanupNetwork(t, made)
	return made
}

// on puts Linarite where Azure's addresses and names lead to, for containers whose name server is imds.
func on(azure *testcontainers.DockerNetwork) testcontainers.ContainerCustomizer {
	return testcontainers.CustomizeRequestOption(func(request *testcontainers.GenericContainerRequest) error {
		request.Cmd = []string{"serve", "--host", "0.0.0.0", "--control-from", "gateway", "--offline",
			"--imds-address", imds + ":80", "--https-address", imds + ":443", "--dns-address", imds + ":53"}
		request.EndpointSettingsModifier = func(settings map[string]*network.EndpointSettings) {
			settings[azure.Name].IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: netip.MustParseAddr(imds)}
		}
		return tcnetwork.WithNetwork(nil, azure)(request)
	})
}

// asksLinarite gives a container the name server that knows Azure's names.
func asksLinarite(host *container.HostConfig) { host.DNS = []netip.Addr{netip.MustParseAddr(imds)} }

// control asks the control API (docs/control.md), and fails the test where it refuses.
func (l *linarite) control(t *testing.T, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, l.url+"/_linarite/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "localhost" // it answers to a loopback host alone, and the engine may be on another machine
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		t.Fatal(method, path, answer.Status, string(text), err)
	}
	return string(text)
}

// authority is the certificate that clients have to trust, as PEM.
func (l *linarite) authority(t *testing.T) string {
	t.Helper()
	return l.control(t, http.MethodGet, "ca.pem", "")
}

// client leads the clients of Azure that get it as their transport into the world, which is put back to its beginning
// first. One world for all tests of a process: the SDK keeps a machine's tokens for the whole process, and those of one
// world are good for nothing in another.
func (l *linarite) client(t *testing.T) *http.Client {
	t.Helper()
	l.control(t, http.MethodPost, "reset", "")
	proxy, err := url.Parse(l.url)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(l.authority(t))) {
		t.Fatal("no certificate")
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
