package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/advise"
)

// What a machine did in a served world is advised on by the command.
func TestAdviseCommand(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"))
	server, err := emu.Serve(emulator.ServeOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(url, name, value string) []byte {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set(name, value)
		resp, err := emu.Client().Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", url, resp.StatusCode, body, err)
		}
		return body
	}
	var token struct {
		Text string `json:"access_token"`
	}
	if err := json.Unmarshal(ask("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/", "Metadata", "true"), &token); err != nil {
		t.Fatal(err)
	}
	ask("https://management.azure.com"+emu.Subscription().ID()+"/resourceGroups/DevTest?api-version=2021-04-01", "Authorization", "Bearer "+token.Text)

	run := func(args ...string) (string, error) {
		var out strings.Builder
		root := newRoot()
		root.SetArgs(append([]string{"advise", "--url", server.URL}, args...))
		root.SetOut(&out)
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
	text, err := run()
	if err != nil || strings.Count(text, "\naz role assignment create ") != 1 || !strings.Contains(text, "--role Reader --scope "+emu.Subscription().ID()+"/resourceGroups/DevTest\n") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = run("--format", "json", "--principal", "machine/tutorial-vmss", "--include-refused", "--narrowest", "--merge", "2")
	var plan advise.Plan
	if wrong := json.Unmarshal([]byte(text), &plan); err != nil || wrong != nil || len(plan.Principals) != 0 {
		t.Errorf("%v %v\n%s", err, wrong, text)
	}
	for _, wrong := range [][]string{{"--merge", "1"}, {"--format", "yaml"}, {"--principal", "nobody"}} {
		if text, err := run(wrong...); !errors.Is(err, emulator.ErrUsage) || text != "" {
			t.Errorf("%v: %v %s", wrong, err, text)
		}
	}
}
