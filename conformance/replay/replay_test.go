package replay

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/specs"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

var update = flag.Bool("update", false, "write testdata/fits.json anew")

// env is what the suite has where only recordings answer.
func env(t *testing.T, folder string) *suite.Env {
	t.Helper()
	t.Setenv("LINARITE_RECORDINGS", folder)
	target, err := targets.Load("replay")
	if err != nil {
		t.Fatal(err)
	}
	w := suite.Resolve(target)
	w.RunID = "lzcreplayed"
	w.Blob = w.CloudData().Blob(w.Account)
	return suite.Setup(target, w, nil, time.Now, func(string) string { return "cmVwbGF5" }, nil)
}

// TestSpecsOnRecordings: the specs that fit a recording pass on the real services' words. Which
// they are stands in testdata/fits.json, so that none is lost unnoticed.
func TestSpecsOnRecordings(t *testing.T) {
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folder, found := recordings.Folder(checkout)
	if !found {
		t.Skipf("missing: recordings of the real services, which were looked for in %s", folder)
	}
	all, err := recordings.ReadAll(folder)
	if err != nil {
		t.Fatal(err)
	}
	e := env(t, folder)
	catalogue, err := suite.NewCatalogue(specs.All())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := suite.NewPlan(catalogue, e.Target, nil, suite.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	library, fits := New(all), map[string]string{}
	for _, s := range plan.Runs() {
		result, name := library.Run(t.Context(), e, s)
		if result.Status == suite.Fail {
			t.Errorf("%s fails on %s, which the real service answered: %+v", s.ID, name, result.Rules)
		}
		if result.Status == suite.Pass {
			fits[s.ID] = name
		}
	}
	text, err := json.MarshalIndent(fits, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "fits.json")
	if *update {
		if err := os.WriteFile(golden, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != string(text)+"\n" {
		t.Errorf("%s lists\n%s\nand these pass:\n%s\n(-update writes it anew) %v", golden, want, text, err)
	}
}

// TestWrongSpecFails: a spec that says otherwise than the service is found out.
func TestWrongSpecFails(t *testing.T) {
	made := recordings.Recording{Name: "made", Interactions: []recordings.Interaction{
		{Method: "PUT", URI: "https://storagename.blob.core.windows.net/recorded/blob1", ReqHeaders: map[string]string{"x-ms-blob-type": "BlockBlob", "content-length": "5"},
			ReqBody: recordings.Body{Data: []byte("12345")}, Status: 201, RespHeaders: map[string]string{"etag": `"0x1"`, "content-md5": sum([]byte("12345"))}},
		{Method: "GET", URI: "https://storagename.blob.core.windows.net/recorded/blob1", Status: 200, RespHeaders: map[string]string{"content-length": "5"},
			RespBody: recordings.Body{Data: []byte("12345")}},
	}}
	for _, row := range []struct {
		name string
		spec suite.Spec
		want suite.Status
	}{
		{"a right one", roundTrip("own content", 201), suite.Pass},
		{"a wrong status", roundTrip("own content", 200), suite.Fail},
		{"another order", backwards(), suite.Excluded},
	} {
		if result, _ := New([]recordings.Recording{made}).Run(t.Context(), env(t, t.TempDir()), row.spec); result.Status != row.want {
			t.Errorf("%s: %s %+v", row.name, result.Status, result.Rules)
		}
	}
}
