package recordings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/recordings"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const good = `{"source": {"repo": "o/r", "commit": "c", "path": "p"}, "interactions": [
{"method": "PUT", "uri": "https://h/a", "reqHeaders": {"x": "y"}, "reqBody": {"b64": "AAE="}, "status": 201, "respHeaders": {}, "respBody": "é"},
{"method": "GET", "uri": "https://h/a", "reqHeaders": {}, "reqBody": null, "reqBodyRecorded": false, "status": 200, "respHeaders": {},
 "respBody": {"text": "{\"a", "truncated": 99}}]}`

func TestReadAll(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "b", "two.json"), good)
	write(t, filepath.Join(folder, "a", "one.json"), good)
	write(t, filepath.Join(folder, "README.md"), "no recording")
	all, err := recordings.ReadAll(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Name != "a/one" || all[1].Name != "b/two" || all[0].Source.Repo != "o/r" {
		t.Fatalf("read %+v", all)
	}
	first, second := all[0].Interactions[0], all[0].Interactions[1]
	if string(first.ReqBody.Data) != "\x00\x01" || !first.ReqBody.Whole() || !first.ReqBodyRecorded || string(first.RespBody.Data) != "é" || first.ReqHeaders["x"] != "y" {
		t.Errorf("the first interaction is %+v", first)
	}
	if second.ReqBody.Data != nil || second.ReqBodyRecorded || second.RespBody.Cut != 99 || second.RespBody.Whole() || string(second.RespBody.Data) != `{"a` {
		t.Errorf("the second interaction is %+v", second)
	}
}

func TestReadRefuses(t *testing.T) {
	interaction := func(body string) string {
		return `{"interactions": [{"method": "GET", "uri": "https://h/", "status": 200, "respBody": ` + body + `}]}`
	}
	for name, text := range map[string]string{
		"not JSON":          "{",
		"no interactions":   "{}",
		"no method":         `{"interactions": [{"uri": "https://h/", "status": 200}]}`,
		"no status":         `{"interactions": [{"method": "GET", "uri": "https://h/"}]}`,
		"body of a number":  interaction("7"),
		"body of nothing":   interaction("{}"),
		"body of both":      interaction(`{"b64": "", "text": ""}`),
		"bad base64":        interaction(`{"b64": "?"}`),
		"text with no size": interaction(`{"text": "a"}`),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "bad.json")
			write(t, file, text)
			if _, err := recordings.Read(file); err == nil || !strings.Contains(err.Error(), "bad.json") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, err := recordings.ReadAll(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no recordings") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := recordings.ReadAll(filepath.Join(t.TempDir(), "gone")); err == nil {
		t.Error("a folder that is not there was read")
	}
}

func TestFolder(t *testing.T) {
	top := t.TempDir()
	t.Setenv(recordings.Variable, "")
	want := filepath.Join(top, "shared", "recordings")
	if path, found := recordings.Folder(filepath.Join(top, "checkout")); found || path != want {
		t.Errorf("nothing there: %q, %t", path, found)
	}
	write(t, filepath.Join(want, "a.json"), good)
	if path, found := recordings.Folder(filepath.Join(top, "checkout") + string(filepath.Separator)); !found || path != want {
		t.Errorf("beside the checkout: %q, %t", path, found)
	}
	t.Setenv(recordings.Variable, filepath.Join(top, "other"))
	if path, found := recordings.Folder(filepath.Join(top, "checkout")); found || path != filepath.Join(top, "other", "recordings") {
		t.Errorf("named by the environment: %q, %t", path, found)
	}
}

// The recordings beside the checkout, where they are, are all readable.
func TestTheCorpus(t *testing.T) {
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folder, found := recordings.Folder(checkout)
	if !found {
		t.Skip("no recordings at " + folder)
	}
	if _, err := recordings.ReadAll(folder); err != nil {
		t.Error(err)
	}
}

// No file makes the reader panic, and what it takes is in order.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(`{"interactions": [{"method": "GET", "uri": "u", "status": 200, "respBody": {"text": "a", "truncated": 1}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "r.json")
		write(t, file, text)
		r, err := recordings.Read(file)
		if err != nil {
			return
		}
		for _, it := range r.Interactions {
			if it.Method == "" || it.URI == "" || it.Status < 100 || it.Status > 599 || it.ReqBody.Cut < 0 || it.RespBody.Cut < 0 {
				t.Errorf("took %+v", it)
			}
		}
	})
}
