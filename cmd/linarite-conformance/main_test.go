package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/report"
	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// call runs the command in this process and gives its output and its exit code. Runs of specs
// need a process of their own: Ginkgo runs once.
func call(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	root := newRoot()
	var b bytes.Buffer
	root.SetOut(&b)
	root.SetErr(&b)
	root.SetArgs(args)
	err = root.Execute()
	return b.String(), err
}

func TestCannotRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(file, []byte("schema: linarite.conformance/target/1\nname: t\nkind: emulator\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"--target", "nowhere"}, "there are azure-vm"},
		{[]string{"--target", file}, "[4:1] unknown field"},
		{[]string{"--only", "BLOB-NONE"}, `"BLOB-NONE"`},
		{[]string{"--label-filter", "("}, "--label-filter: "},
		{[]string{"--label-filter", "Rule: containsAny {NONE}"}, "nothing is selected"},
		{[]string{"--profile", "ALL"}, `no profile "ALL"`},
		{[]string{"--cloud", "mars"}, "want public, china or usgov"},
		{[]string{"--target", "azure-vm"}, "set LINARITE_AZURE_CLOUD"},
		{[]string{"--target", "replay"}, "set LINARITE_RECORDINGS"},
		{[]string{"--sweep"}, "--sweep is for real Azure"},
		{[]string{"extra"}, "unknown command"},
		{[]string{"compare", file}, "accepts 2 arg"},
		{[]string{"compare", file, file}, "t.yaml"},
	} {
		out, err := call(t, row.args...)
		if err == nil || !strings.Contains(err.Error()+out, row.want) {
			t.Errorf("%v: %v %s, want %q", row.args, err, out, row.want)
		}
		if code := execute(row.args); code != exitCannot {
			t.Errorf("%v: exit %d", row.args, code)
		}
	}
}

// TestNothingIsMadeUnasked: real Azure is planned and priced, and stays as it is.
func TestNothingIsMadeUnasked(t *testing.T) {
	s := rehearse(t, nil)
	before := len(s.emu.Journal().Entries(0))
	out, err := call(t, "--target", "azure-vm", "--ledger", s.ledger)
	if err == nil || !strings.Contains(err.Error(), "--yes makes this") || !strings.Contains(out, "US dollars") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(s.ledger); err == nil || len(s.emu.Journal().Entries(0)) != before {
		t.Error("something was done")
	}
}

func TestListAndPlan(t *testing.T) {
	out, err := call(t, "--list", "--only", "IMDS-TOKEN-002")
	if err != nil || !strings.Contains(out, "IMDS-TOKEN-002/no-metadata-header  refuses") || !strings.Contains(out, "IMDS-TOKEN-003 MUST: ") || strings.Contains(out, "BLOB-") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = call(t, "--list", "--only", "IMDS", "--label-filter", "Rule: containsAny {IMDS-TOKEN-002}")
	if err != nil || !strings.Contains(out, "IMDS-TOKEN-002/no-metadata-header  ") || strings.Contains(out, "IMDS-APPSVC-") {
		t.Errorf("%v\n%s", err, out)
	}
	t.Setenv("LINARITE_AZURITE_BLOB", "http://127.0.0.1:10000/devstoreaccount1")
	out, err = call(t, "--print-plan", "--target", "azurite")
	if err != nil || !strings.Contains(out, "feature imds: present false (declared) Azurite is storage alone") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCompareReports(t *testing.T) {
	dir := t.TempDir()
	for name, status := range map[string]suite.Status{"a": suite.Pass, "b": suite.Fail} {
		r := report.Report{Schema: report.Schema, Rules: []report.Rule{{ID: "X-Y-001", Status: status, Got: "500"}}, Totals: report.Totals{}}
		if err := r.Write(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	a, b := filepath.Join(dir, "a", "report.json"), filepath.Join(dir, "b", "report.json")
	if out, err := call(t, "compare", a, b); err == nil || !strings.Contains(out, "X-Y-001") || !strings.Contains(out, "500") {
		t.Errorf("%v %s", err, out)
	}
	for name, r := range map[string]report.Rule{
		"c": {ID: "X-Y-001", Level: rules.Must, Status: suite.Broken}, "d": {ID: "X-Y-001", Level: rules.Should, Status: suite.Broken},
	} {
		if err := (report.Report{Schema: report.Schema, Rules: []report.Rule{r}, Totals: report.Totals{}}).Write(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := call(t, "compare", a, filepath.Join(dir, name, "report.json")); (err != nil) != (r.Level == rules.Must) {
			t.Errorf("a %s rule that passed and is an error now: %v", r.Level, err)
		}
	}
	if out, err := call(t, "compare", b, a); err != nil || !strings.Contains(out, "X-Y-001") {
		t.Errorf("%v %s", err, out)
	}
}

// TestReportIsTriedFirst: a folder that cannot be is told of before anything is sent.
func TestReportIsTriedFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, "--only", "IMDS-TOKEN-002", "--report", filepath.Join(file, "out")); err == nil || !strings.Contains(err.Error(), "no report can be written") {
		t.Error(err)
	}
}

// TestOnlyAzureIsBeyondLoopback: what a target file leaves out has an address of Azure's, and a target that
// is no Azure sends nothing there. The metadata service's is the one that answers on a machine of Azure's.
func TestOnlyAzureIsBeyondLoopback(t *testing.T) {
	for _, kind := range []targets.Kind{targets.Emulator, targets.Azurite, targets.Vault} {
		target := targets.File{Kind: kind, Endpoints: targets.Endpoints{ARM: "http://127.0.0.1:1"}}
		l, err := link(t.Context(), target, nil)
		if err != nil {
			t.Fatal(err)
		}
		client, ok := l.Transport.(*wire.Client)
		if !ok || client.Dial == nil {
			t.Fatalf("%s: %T dials by itself", kind, l.Transport)
		}
		for _, address := range []string{"169.254.169.254:80", "login.microsoftonline.com:443", "127.0.0.1.example.com:80"} {
			if _, err := client.Dial(t.Context(), "tcp", address); err == nil || !strings.Contains(err.Error(), "is not on loopback") {
				t.Errorf("%s: %s: %v", kind, address, err)
			}
		}
	}
}
