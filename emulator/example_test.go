package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// ask sends a request and returns status and body: what an SDK does, in a few lines.
func ask(c *http.Client, url string, headers ...string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return resp.StatusCode, string(body)
}

// tokenFor asks the metadata service for a token, as code on the machine does.
func tokenFor(c *http.Client, resource string) string {
	_, body := ask(c, "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="+resource, "Metadata: true")
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		panic(err)
	}
	return "Authorization: Bearer " + answer.Token
}

const version = "x-ms-version: 2021-08-06"

// example is the test of the examples: yours has it as an argument.
var example = &fakeTest{}

// A test's world: arrange, act, and look. emu.Client() is what an Azure SDK takes as its
// transport; see conformance/sdkcompat for that.
func ExampleNew() {
	var t emulator.TB = example // in a test, its own *testing.T

	emu := emulator.New(t)
	files := emu.StorageAccount("acct").Container("files")
	files.Upload("hello.txt", []byte("Hello world! :)"))

	token := tokenFor(emu.Client(), "https://storage.azure.com/")
	status, _ := ask(emu.Client(), "https://acct.blob.core.windows.net/files/hello.txt", token, version)
	fmt.Println(status)

	emu.Grant(emu.Machine(), "Storage Blob Data Reader", files)
	status, body := ask(emu.Client(), "https://acct.blob.core.windows.net/files/hello.txt", token, version)
	fmt.Println(status, body)
	// Output:
	// 403
	// 200 Hello world! :)
}

// Without a test, a world is opened and closed like a file.
func ExampleOpen() {
	emu, err := emulator.Open(emulator.Options{World: "tutorial", Cloud: "china"})
	if err != nil {
		panic(err)
	}
	defer emu.Close()
	token := tokenFor(emu.Client(), "https://storage.azure.com/")
	fmt.Println(ask(emu.Client(), "https://tutorialstore.blob.core.chinacloudapi.cn/files/hello_world.txt", token, version))
	// Output: 200 Hello world! :)
}

// Two machines, two identities: each opens its own and nothing else.
func ExampleMachine_Client() {
	emu := emulator.New(example)
	orders := emu.StorageAccount("shop").Container("orders")
	orders.Upload("1", []byte("an order"))
	emu.Grant(emu.VM("orders"), "Storage Blob Data Reader", orders)
	for _, name := range []string{"orders", "invoices"} {
		client := emu.VM(name).Client()
		status, _ := ask(client, "https://shop.blob.core.windows.net/orders/1", tokenFor(client, "https://storage.azure.com/"), version)
		fmt.Println(name, status)
	}
	// Output:
	// orders 200
	// invoices 403
}

// A fork goes its own way; a snapshot brings a world back.
func ExampleEmulator_Fork() {
	emu := emulator.New(example)
	vault := emu.Vault("my-vault")
	vault.SetSecret("stage", "before")
	kept := emu.Snapshot()

	fork := emu.Fork()
	fork.Vault("my-vault").SetSecret("stage", "in the fork")
	vault.SetSecret("stage", "after")
	fmt.Println(vault.Secret("stage"), "|", fork.Vault("my-vault").Secret("stage"))

	emu.Restore(kept)
	fmt.Println(vault.Secret("stage"))
	// Output:
	// after | in the fork
	// before
}

// A token lives a day. The clock makes that a line.
func ExampleEmulator_Clock() {
	emu := emulator.New(example)
	emu.Grant(emu.Machine(), "Reader", emu.Subscription())
	token := tokenFor(emu.Client(), "https://management.azure.com/")
	group := "https://management.azure.com" + emu.Group("DevTest").ID() + "?api-version=2021-04-01"
	status, _ := ask(emu.Client(), group, token)
	emu.Clock().Advance(24 * time.Hour)
	later, _ := ask(emu.Client(), group, token)
	fmt.Println(status, later)
	// Output: 200 401
}

// A planned fault acts as often as it is told to. In a bubble of testing/synctest waiting
// for it to pass takes no time; see ExampleEmulator_Client.
func ExampleEmulator_Faults() {
	emu := emulator.New(example)
	emu.Faults().Add(fault.Rule{
		Match:  fault.Match{Plane: "imds"},
		Effect: fault.Effect{Status: 429, RetryAfter: 5 * time.Second},
		Times:  2,
	})
	for range 3 {
		status, _ := ask(emu.Client(), "http://169.254.169.254/metadata/versions", "Metadata: true")
		fmt.Println(status)
	}
	// Output:
	// 429
	// 429
	// 200
}

// Client works in a bubble, where an hour is over when nobody has anything to do.
func ExampleEmulator_Client() {
	t := &testing.T{} // in a test, its own
	synctest.Test(t, func(*testing.T) {
		emu, err := emulator.Open(emulator.Options{})
		if err != nil {
			panic(err)
		}
		defer emu.Close()
		emu.Faults().Add(fault.Rule{Effect: fault.Effect{Delay: time.Hour}})
		began := time.Now()
		status, _ := ask(emu.Client(), "http://169.254.169.254/metadata/versions", "Metadata: true")
		fmt.Println(status, time.Since(began))
	})
	// Output: 200 1h0m0s
}

// Sockets on free ports, for what cannot be given a transport.
func ExampleEmulator_Serve() {
	emu := emulator.New(example)
	server, err := emu.Serve(emulator.ServeOptions{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	status, _ := ask(http.DefaultClient, server.URL+"/metadata/versions", "Metadata: true")
	fmt.Println(status)
	// Output: 200
}

// A child process that heeds proxy variables is in the world too.
func ExampleEmulator_Env() {
	emu := emulator.New(example)
	cmd := exec.Command("the-program-under-test")
	cmd.Env = append(emu.Env(), "MODE=test")
	for _, v := range cmd.Env {
		if strings.HasPrefix(v, "https_proxy=") {
			fmt.Println(strings.TrimRight(v, "0123456789") + "PORT")
		}
	}
	// Output: https_proxy=http://127.0.0.1:PORT
}

// What was asked, by whom, and what was answered.
func ExampleEmulator_Journal() {
	emu := emulator.New(example)
	token := tokenFor(emu.Client(), "https://management.azure.com/")
	ask(emu.Client(), "https://management.azure.com"+emu.Group("DevTest").ID()+"?api-version=2021-04-01", token)
	for _, e := range emu.Journal().Entries(0) {
		fmt.Println(strings.TrimSpace(fmt.Sprintln(e.Plane, e.Operation, e.Status, e.Code)))
	}
	// Output:
	// imds Identity_GetToken 200
	// arm ResourceGroups_Get 403 AuthorizationFailed
}
