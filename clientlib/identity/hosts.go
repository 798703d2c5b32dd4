package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/linarite/linarite/clientlib"
)

// ManagedIdentity gets tokens for the machine's identity, from the source that the environment names: App Service by
// IDENTITY_ENDPOINT and IDENTITY_HEADER (or MSI_ENDPOINT and MSI_SECRET), Cloud Shell by MSI_ENDPOINT, Arc by
// IDENTITY_ENDPOINT and IMDS_ENDPOINT or where its agent is installed, else IMDS.
func ManagedIdentity(o Options) (*Credential, error) {
	if source := named(o); source != nil {
		return source(o)
	}
	return IMDS(o)
}

// named is the source of a machine's identity that the environment names; nil if it names none.
func named(o Options) func(Options) (*Credential, error) {
	switch endpoint, msi := o.env("IDENTITY_ENDPOINT"), o.env("MSI_ENDPOINT"); {
	case endpoint != "" && o.env("IDENTITY_HEADER") != "" && o.env("IDENTITY_SERVER_THUMBPRINT") != "":
		return serviceFabric
	case endpoint != "" && o.env("IDENTITY_HEADER") != "", msi != "" && o.env("MSI_SECRET") != "":
		return AppService
	case msi != "":
		return CloudShell
	case endpoint != "" && o.env("IMDS_ENDPOINT") != "", agent(o) != "":
		return Arc
	}
	return nil
}

func serviceFabric(Options) (*Credential, error) {
	return nil, errors.New("identity: this looks like Service Fabric (IDENTITY_SERVER_THUMBPRINT), which is not supported")
}

// AppService gets tokens in App Service, Functions and Container Apps: api-version 2019-08-01, or 2017-09-01 where only
// MSI_ENDPOINT and MSI_SECRET are set. So they are in Azure Machine Learning, where DEFAULT_IDENTITY_CLIENT_ID names the
// identity if Options.Identity does not.
func AppService(o Options) (*Credential, error) {
	if err := o.Identity.check(); err != nil {
		return nil, err
	}
	endpoint, secret, header, version := o.env("IDENTITY_ENDPOINT"), o.env("IDENTITY_HEADER"), "X-IDENTITY-HEADER", "2019-08-01"
	selector := o.Identity.kind
	if endpoint == "" || secret == "" {
		endpoint, secret, header, version = o.env("MSI_ENDPOINT"), o.env("MSI_SECRET"), "Secret", "2017-09-01"
		if id := o.env("DEFAULT_IDENTITY_CLIENT_ID"); selector == "" && id != "" {
			o.Identity = ClientID(id)
		}
		switch selector = o.Identity.kind; selector {
		case "":
		case "client_id":
			selector = "clientid"
		default:
			return nil, errors.New("identity: App Service of 2017 selects an identity by client id alone")
		}
	} else if selector == "msi_res_id" {
		selector = "mi_res_id"
	}
	if endpoint == "" || secret == "" {
		return nil, fmt.Errorf("identity: App Service is %w: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set", ErrUnavailable)
	}
	query := url.Values{"api-version": {version}}
	if selector != "" {
		query.Set(selector, o.Identity.value)
	}
	p := local(o, "appservice")
	return newCredential("App Service ("+o.Identity.String()+")", p.Options(), func(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
		req, err := asking(ctx, endpoint, query, r.Audience)
		if err != nil {
			return clientlib.Token{}, fmt.Errorf("identity: IDENTITY_ENDPOINT: %w", err)
		}
		req.Header.Set(header, secret)
		token, err := fetch(p, req, r.Audience, o.Identity)
		if clientlib.HasStatus(err, http.StatusBadRequest) && o.Identity.kind != "" {
			err = fmt.Errorf("does the app have %s? %w", o.Identity, err)
		}
		return token, within("App Service", err)
	}), nil
}

// within says which source an error is of.
func within(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("identity: %s: %w", name, err)
}

// asking is a GET for a token at an endpoint that the environment names.
func asking(ctx context.Context, endpoint string, query url.Values, audience string) (*http.Request, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no address", endpoint)
	}
	all := u.Query()
	for name, values := range query {
		all[name] = values
	}
	all.Set("resource", audience)
	u.RawQuery = all.Encode()
	return http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
}

// CloudShell gets tokens in Azure Cloud Shell, for the person who is logged in there. It knows no other identity.
func CloudShell(o Options) (*Credential, error) {
	endpoint := o.env("MSI_ENDPOINT")
	switch {
	case endpoint == "":
		return nil, fmt.Errorf("identity: Cloud Shell is %w: MSI_ENDPOINT is not set", ErrUnavailable)
	case o.Identity.kind != "":
		return nil, errors.New("identity: Cloud Shell has no user-assigned identities")
	}
	p := local(o, "cloudshell")
	return newCredential("Cloud Shell", p.Options(), func(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(url.Values{"resource": {r.Audience}}.Encode()))
		if err != nil {
			return clientlib.Token{}, within("MSI_ENDPOINT", err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Metadata", "true")
		token, err := fetch(p, req, r.Audience, Selector{})
		return token, within("Cloud Shell", err)
	}), nil
}

// agent is where Arc's agent is installed, "" where it is not.
func agent(o Options) string {
	path := "/opt/azcmagent/bin/himds"
	if runtime.GOOS == "windows" {
		path = filepath.Join(o.env("ProgramFiles"), "AzureConnectedMachineAgent", "himds.exe")
	}
	if o.Getenv != nil { // the environment is not this machine's
		return ""
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// arc asks the agent of an Arc-enabled server, which proves that a caller may read a file of its.
type arc struct {
	pipeline *clientlib.Pipeline
	endpoint string
	identity Selector
	tokens   string // the folder of the agent's key files
}

// Arc gets tokens on a server with the Azure Connected Machine agent. The caller has to be allowed to read the agent's
// key files: the group himds on Linux.
func Arc(o Options) (*Credential, error) {
	if err := o.Identity.check(); err != nil {
		return nil, err
	}
	endpoint := o.env("IDENTITY_ENDPOINT")
	if endpoint == "" {
		endpoint = "http://127.0.0.1:40342/metadata/identity/oauth2/token"
	}
	tokens := "/var/opt/azcmagent/tokens"
	if runtime.GOOS == "windows" {
		tokens = filepath.Join(o.env("ProgramData"), "AzureConnectedMachineAgent", "Tokens")
	}
	a := arc{local(o, "arc"), endpoint, o.Identity, tokens}
	return newCredential("Azure Arc ("+o.Identity.String()+")", a.pipeline.Options(), a.token), nil
}

func (a arc) token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	query := url.Values{"api-version": {"2020-06-01"}}
	if a.identity.kind != "" {
		query.Set(a.identity.kind, a.identity.value)
	}
	ask := func(authorization string) ([]byte, error) {
		req, err := asking(ctx, a.endpoint, query, r.Audience)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Metadata", "true")
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		_, body, err := a.pipeline.Read(req)
		return body, err
	}
	body, err := ask("")
	var refused *clientlib.Error
	if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		var secret string
		if secret, err = a.secret(refused.Header.Get("WWW-Authenticate")); err == nil {
			body, err = ask("Basic " + secret)
		}
	}
	if err != nil {
		return clientlib.Token{}, within("Azure Arc", err)
	}
	said, token, err := parse(body, a.pipeline.Options().Clock.Now())
	if err != nil {
		return clientlib.Token{}, within("Azure Arc", err)
	}
	if a.identity.kind != "" && !strings.EqualFold(said.echo(a.identity), a.identity.value) { // older agents know only one identity, and say nothing
		return clientlib.Token{}, fmt.Errorf("identity: Azure Arc: the agent did not give a token for %s, but its own", a.identity)
	}
	if err := said.check(r.Audience, a.identity); err != nil {
		return clientlib.Token{}, within("Azure Arc", err)
	}
	return token, nil
}

// secret reads the key file that a challenge names: only one of the agent's own, for anybody on this machine may answer
// at its port.
func (a arc) secret(challenge string) (string, error) {
	const longest = 4096
	path, ok := strings.CutPrefix(challenge, "Basic realm=")
	switch {
	case !ok:
		return "", errors.New("the agent's challenge names no key file")
	case filepath.Dir(path) != a.tokens || filepath.Ext(path) != ".key" || filepath.Clean(path) != path:
		return "", fmt.Errorf("the challenge names %q, which is no key file in %s: it is not read", path, a.tokens)
	}
	text, err := readFile(path, longest)
	if err != nil {
		return "", fmt.Errorf("the agent's key file (is this user in the group himds?): %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// readFile reads a file of at most so many bytes that is no link, whatever becomes of its name meanwhile.
func readFile(path string, longest int64) ([]byte, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !named.Mode().IsRegular() { // before it is opened: a pipe would be waited for
		return nil, fmt.Errorf("%s is no key file: it is no plain file", path)
	}
	f, err := os.Open(path) //nolint:gosec // the caller has looked where it is
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if is, err := f.Stat(); err != nil || !os.SameFile(named, is) {
		return nil, fmt.Errorf("%s is another file than a moment ago", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, longest+1))
	if err == nil && int64(len(text)) > longest {
		err = fmt.Errorf("%s is no key file: it has more than %d bytes", path, longest)
	}
	return text, err
}
