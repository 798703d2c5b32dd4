package identity_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/emulator"
)

const (
	tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	admin  = "11111111-2222-3333-4444-555555555555"
	daemon = "00005555-eeee-6666-ffff-777700008888"
)

// check ends a program that went wrong.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// world is the tutorial's; the options are those of a program on its machine, with these variables alone. In production
// all options may be left out.
func world(variables ...string) (*emulator.Emulator, identity.Options) {
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	check(err)
	return emu, identity.Options{Options: clientlib.Options{Transport: emu.Client()}, Getenv: env(variables...)}
}

// env is an environment: names and values in turn.
func env(variables ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(variables); i += 2 {
			if variables[i] == name {
				return variables[i+1]
			}
		}
		return ""
	}
}

// saying are options for places that Linarite does not have: all that is asked is printed, and answered with a token.
func saying(variables ...string) identity.Options {
	return identity.Options{Getenv: env(variables...), Options: clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		fmt.Println(req.Method, req.URL.Host+req.URL.Path)
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"access_token":"x","expires_in":"3600"}`))}, nil
	})}}
}

// ask gets a token for Blob storage and tells whether one came.
func ask(cred *identity.Credential) {
	token, err := cred.Token(context.Background(), clientlib.TokenRequest{Audience: "https://storage.azure.com/"})
	fmt.Println(token.Value != "", err)
}

// The credential that fits where the program runs: on a developer's machine with variables, in Kubernetes, on a machine
// of Azure's.
func ExampleFind() {
	emu, o := world()
	defer emu.Close()
	cred, err := identity.Find(o)
	check(err)
	fmt.Println(cred)
	ask(cred)
	// Output:
	// IMDS, if it answers (the system-assigned identity, or the only one there is)
	// true <nil>
}

// Where there is no identity, the error says what was looked for.
func ExampleFind_nothing() {
	nobody := identity.Options{Getenv: env(), Options: clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("no route to host")
	})}}
	cred, err := identity.Find(nobody)
	check(err)
	_, err = cred.Token(context.Background(), clientlib.TokenRequest{Audience: "https://storage.azure.com/"})
	fmt.Println(errors.Is(err, identity.ErrUnavailable))
	// Output: true
}

// Tokens are kept: asking twice sends one request.
func ExampleCredential_Token() {
	emu, o := world()
	defer emu.Close()
	cred, err := identity.IMDS(o)
	check(err)
	for range 2 {
		_, err := cred.Token(context.Background(), clientlib.TokenRequest{Audience: "https://management.azure.com/"})
		check(err)
	}
	fmt.Println(len(emu.Journal().Entries(0)))
	// Output: 1
}

func ExampleClientID() {
	emu, o := world()
	defer emu.Close()
	o.Identity = identity.ClientID("00001111-aaaa-2222-bbbb-3333cccc4444")
	cred, err := identity.Find(o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

func ExampleObjectID() {
	emu, o := world()
	defer emu.Close()
	o.Identity = identity.ObjectID(emu.Identity("tutorial-id").PrincipalID())
	cred, err := identity.Find(o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

func ExampleResourceID() {
	emu, o := world()
	defer emu.Close()
	o.Identity = identity.ResourceID(emu.Identity("tutorial-id").ID())
	cred, err := identity.Find(o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

// ManagedIdentity is for programs that must not take an application's secret, should one be there.
func ExampleManagedIdentity() {
	emu, o := world("AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_CLIENT_SECRET", "linarite")
	defer emu.Close()
	cred, err := identity.ManagedIdentity(o)
	check(err)
	fmt.Println(cred)
	// Output: IMDS (the system-assigned identity, or the only one there is)
}

func ExampleIMDS() {
	emu, o := world()
	defer emu.Close()
	cred, err := identity.IMDS(o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

func ExampleAppService() {
	cred, err := identity.AppService(saying("IDENTITY_ENDPOINT", "http://localhost:4141/msi/token", "IDENTITY_HEADER", "secret"))
	check(err)
	ask(cred)
	// Output:
	// GET localhost:4141/msi/token
	// true <nil>
}

func ExampleArc() {
	cred, err := identity.Arc(saying())
	check(err)
	ask(cred)
	// Output:
	// GET 127.0.0.1:40342/metadata/identity/oauth2/token
	// true <nil>
}

func ExampleCloudShell() {
	cred, err := identity.CloudShell(saying("MSI_ENDPOINT", "http://localhost:50342/oauth2/token"))
	check(err)
	ask(cred)
	// Output:
	// POST localhost:50342/oauth2/token
	// true <nil>
}

func ExampleClientSecret() {
	emu, o := world()
	defer emu.Close()
	cred, err := identity.ClientSecret(tenant, admin, "linarite", o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

// certificate is one that a program has in a file.
func certificate() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})...)
}

func ExampleParseCertificate() {
	chain, key, err := identity.ParseCertificate(certificate())
	fmt.Println(len(chain), key.N.BitLen(), err)
	// Output: 1 2048 <nil>
}

// daemons is a world with an application that has a certificate.
func daemons(certificate []byte) (*emulator.Emulator, identity.Options) {
	dir, err := os.MkdirTemp("", "")
	check(err)
	defer os.RemoveAll(dir)
	cert, _ := pem.Decode(certificate)
	file := filepath.Join(dir, "world.yaml")
	check(os.WriteFile(file, []byte(`schema: linarite/world/1
tenant:
  applications:
  - {name: daemon, clientId: `+daemon+`, certificates: [`+strconv.Quote(string(pem.EncodeToMemory(cert)))+`]}
subscriptions:
- groups: [{name: rg}]
`), 0o600))
	emu, err := emulator.Open(emulator.Options{World: file})
	check(err)
	return emu, identity.Options{Options: clientlib.Options{Transport: emu.Client()}, Getenv: env()}
}

func ExampleClientCertificate() {
	text := certificate()
	emu, o := daemons(text)
	defer emu.Close()
	chain, key, err := identity.ParseCertificate(text)
	check(err)
	cred, err := identity.ClientCertificate(tenant, daemon, chain, key, o)
	check(err)
	ask(cred)
	// Output: true <nil>
}

func ExampleWorkloadIdentity() {
	emu, err := emulator.Open(emulator.Options{World: "kubernetes"})
	check(err)
	defer emu.Close()
	dir, err := os.MkdirTemp("", "")
	check(err)
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "token") // the platform writes it
	check(os.WriteFile(file, []byte(emu.FederatedToken(emulator.FederatedToken{})), 0o600))

	variables := env("AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", emu.Identity("app-id").ClientID(), "AZURE_FEDERATED_TOKEN_FILE", file)
	cred, err := identity.WorkloadIdentity(identity.Options{Options: clientlib.Options{Transport: emu.Client()}, Getenv: variables})
	check(err)
	ask(cred)
	// Output: true <nil>
}

// Entra ID's second version names an audience by a scope, and keeps a slash that the audience ends in.
func ExampleScope() {
	fmt.Println(identity.Scope("https://vault.azure.net"), identity.Scope("https://storage.azure.com/"))
	// Output: https://vault.azure.net/.default https://storage.azure.com//.default
}
