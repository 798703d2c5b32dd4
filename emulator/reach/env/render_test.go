package env_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/linarite/linarite/emulator/reach/env"
)

// awkward are values that quoting gets wrong.
var awkward = []string{
	"", " ", "plain", "/a/b.c:d@e%f+g=h,i~j-k", "a b", " a ", "it's", "'", "''", `"`, `say "hi"`, `it's "both"`,
	"$HOME", "${HOME}", "$(id)", "`id`", `\`, `\\`, `a\`, `\n`, `C:\Users\x y`, `it's \ $x`, "a\nb", "\na\n", "'\n'", "a\r\nb",
	"#", "a #b", "!x", "~", "*", "%PATH%", "&;|<>", "tab\there", "é ☃ \u2019\u2018\u201a\u201b", "LINARITE\nLINARITE_", "-n", "EOF\n",
	"\x01\x7f", "\xff\xfe",
}

func TestRender(t *testing.T) {
	for _, tt := range []struct{ shell, value, want string }{
		{"sh", "", "export N=''\n"},
		{"sh", "it's $x", `export N='it'\''s $x'` + "\n"},
		{"fish", `it's \ $x`, `set -gx N 'it\'s \\ $x'` + "\n"},
		{"fish", "a\nb", "set -gx N 'a\nb'\n"},
		{"powershell", "it's \u2019 $x `", "$env:N = 'it''s \u2019\u2019 $x `'\n"},
		{"dotenv", "http://127.0.0.1:4280", "N=http://127.0.0.1:4280\n"},
		{"dotenv", "a b", "N='a b'\n"},
		{"dotenv", "it's", `N="it's"` + "\n"},
		{"github", "a b", "N=a b\n"},
		{"github", "a\nb", "N<<LINARITE\na\nb\nLINARITE\n"},
		{"github", "LINARITE\nb", "N<<LINARITE_\nLINARITE\nb\nLINARITE_\n"},
	} {
		got, err := env.Render(tt.shell, []env.Var{{Name: "N", Value: tt.value}})
		if err != nil || got != tt.want {
			t.Errorf("%s %q: %q, %v; want %q", tt.shell, tt.value, got, err, tt.want)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, tt := range []struct{ shell, name, value, want string }{
		{"cmd", "N", "", "use one of sh, fish, powershell, dotenv, github"},
		{"", "N", "", "use one of"},
		{"sh", "N; rm x", "", "not the name"},
		{"github", "A\nB", "", "not the name"},
		{"sh", "", "", "not the name"},
		{"sh", "1N", "", "not the name"},
		{"sh", "N", "a\x00b", "NUL"},
		{"dotenv", "N", `it's "both"`, "--shell sh"},
		{"dotenv", "N", "${HOME}", "--shell sh"},
		{"dotenv", "N", `\\host\share`, "--shell sh"},
		{"dotenv", "N", `a b\`, "--shell sh"},
		{"dotenv", "N", "a\r\nb", "--shell sh"},
	} {
		got, err := env.Render(tt.shell, []env.Var{{Name: tt.name, Value: tt.value}})
		if err == nil || !strings.Contains(err.Error(), tt.want) || got != "" {
			t.Errorf("%s %q=%q: %q, %v", tt.shell, tt.name, tt.value, got, err)
		}
	}
}

// printN prints the variable N and nothing else.
const printN = `printf %s "$N"`

// shellSays evaluates script and returns what N is then.
func shellSays(t testing.TB, shell, script string) string {
	t.Helper()
	switch shell {
	case "fish":
		return run(t, []string{"HOME=" + os.TempDir()}, "fish", "-c", script+"\n"+printN)
	case "pwsh":
		return run(t, os.Environ(), "pwsh", "-NoProfile", "-Command", script+"\n[Console]::Out.Write($env:N)")
	default:
		return run(t, nil, shell, "-c", script+"\n"+printN)
	}
}

// TestShells asks the shells themselves.
func TestShells(t *testing.T) {
	for program, shell := range map[string]string{"sh": "sh", "bash": "sh", "dash": "sh", "zsh": "sh", "fish": "fish", "pwsh": "powershell"} {
		t.Run(program, func(t *testing.T) {
			for _, value := range awkward {
				if program == "pwsh" && !utf8.ValidString(value) {
					continue // PowerShell's strings are UTF-16
				}
				script, err := env.Render(shell, []env.Var{{Name: "N", Value: value}})
				if err != nil {
					t.Fatal(err)
				}
				if got := shellSays(t, program, script); got != value {
					t.Errorf("%q became %q by %s", value, got, script)
				}
			}
		})
	}
}

// TestEval takes the way a user does: eval "$(linarite env)", which loses nothing but
// a trailing newline of the whole text.
func TestEval(t *testing.T) {
	vars := env.Proxy(env.ProxyOptions{URL: "http://127.0.0.1:4280", Bundle: "/home/o'neil/my files/$b.pem"})
	script, err := env.Render("sh", vars)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	const command = `eval "$(cat "$0")"; printf '%s|%s|%s' "$SSL_CERT_FILE" "$https_proxy" "${no_proxy-unset}"`
	if got := run(t, []string{"PATH=" + os.Getenv("PATH"), "no_proxy=169.254.169.254"}, "sh", "-c", command, file); got != "/home/o'neil/my files/$b.pem|http://127.0.0.1:4280|" {
		t.Errorf("got %s", got)
	}
}

// FuzzSh: any value at all survives a POSIX shell.
func FuzzSh(f *testing.F) {
	for _, value := range awkward {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		script, err := env.Render("sh", []env.Var{{Name: "N", Value: value}})
		if strings.Contains(value, "\x00") {
			if err == nil {
				t.Fatalf("wrote a NUL: %q", script)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := shellSays(t, "sh", script); got != value {
			t.Fatalf("%q became %q by %q", value, got, script)
		}
	})
}

// dotenvFile writes every awkward value that can be said, and returns the file and
// what should be read from it.
func dotenvFile(t *testing.T) (path string, want map[string]string) {
	t.Helper()
	want = map[string]string{}
	var text strings.Builder
	for i, value := range awkward {
		name := "N" + string(rune('A'+i/26)) + string(rune('A'+i%26))
		line, err := env.Render("dotenv", []env.Var{{Name: name, Value: value}})
		if err == nil && utf8.ValidString(value) {
			text.WriteString(line)
			want[name] = value
		}
	}
	if len(want) < len(awkward)/2 {
		t.Fatalf("only %d of %d values can be said", len(want), len(awkward))
	}
	path = filepath.Join(t.TempDir(), "vars.env")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, want
}

func compareDotenv(t *testing.T, reader, output string, want map[string]string) {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal([]byte(output), &got); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s reads %q as %q", reader, value, got[name])
		}
	}
}

func TestDotenvNode(t *testing.T) {
	path, want := dotenvFile(t)
	compareDotenv(t, "node", run(t, nil, "node", "--env-file="+path, "-e", "console.log(JSON.stringify(process.env))"), want)
}

func TestDotenvPython(t *testing.T) {
	path, want := dotenvFile(t)
	if exec.Command("python3", "-c", "import dotenv").Run() != nil {
		t.Skip("python-dotenv is not installed: it is not tested here")
	}
	const script = "import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))"
	compareDotenv(t, "python-dotenv", run(t, append(os.Environ(), "HOME=/h"), "python3", "-c", script, path), want)
}

// FuzzGithub reads the file as the runner does: NAME=value, or a block up to a line
// that is the delimiter.
func FuzzGithub(f *testing.F) {
	for _, value := range awkward {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text, err := env.Render("github", []env.Var{{Name: "N", Value: value}, {Name: "M", Value: "next"}})
		if err != nil {
			return
		}
		got, rest := readGithub(t, []byte(text))
		if got != value || rest != "M=next\n" {
			t.Fatalf("%q became %q with %q left, by %q", value, got, rest, text)
		}
	})
}

func readGithub(t *testing.T, text []byte) (value, rest string) {
	line, after, _ := bytes.Cut(text, []byte("\n"))
	if before, v, ok := bytes.Cut(line, []byte("=")); ok && !bytes.Contains(before, []byte("<<")) {
		return string(v), string(after)
	}
	_, delimiter, ok := bytes.Cut(line, []byte("<<"))
	if !ok {
		t.Fatalf("neither form: %q", text)
	}
	var lines []string
	for len(after) > 0 {
		line, after, _ = bytes.Cut(after, []byte("\n"))
		if bytes.Equal(line, delimiter) {
			return strings.Join(lines, "\n"), string(after)
		}
		lines = append(lines, string(line))
	}
	t.Fatalf("no end: %q", text)
	return "", ""
}
