package targets

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const good = `schema: linarite.conformance/target/1
name: here
kind: emulator
`

func TestEmbedded(t *testing.T) {
	t.Setenv("LINARITE_AZURITE_BLOB", "http://127.0.0.1:10000/devstoreaccount1")
	t.Setenv("LINARITE_RECORDINGS", "recordings")
	t.Setenv("LINARITE_AZURE_SUBSCRIPTION", "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e")
	t.Setenv("LINARITE_AZURE_GROUP", "g")
	t.Setenv("LINARITE_AZURE_CLOUD", "public")
	t.Setenv("LINARITE_AZURE_LOCATION", "westus")
	if len(Embedded()) < 3 {
		t.Errorf("only %v", Embedded())
	}
	for _, name := range Embedded() {
		f, err := Load(name)
		if err != nil || f.Name != name {
			t.Errorf("%s: %q, %v", name, f.Name, err)
		}
	}
}

func TestParseFills(t *testing.T) {
	f, err := Parse("f", []byte(good+"limits: {bytes: 2MiB, settle: 3s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Limits.MaxBytes() != 2<<20 || time.Duration(f.Limits.Settle) != 3*time.Second || f.Limits.Spec == 0 || f.Names.Prefix != "lzc" || f.Versions.Blob == "" {
		t.Errorf("%+v", f)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "the file is empty"},
		{"an unknown key", good + "colour: red\n", "[4:1] unknown field"},
		{"another schema", "schema: x\nname: n\nkind: azure\n", `schema is "x"`},
		{"no name", "schema: " + Schema + "\nkind: azure\n", "name is missing"},
		{"an unknown kind", "schema: " + Schema + "\nname: n\nkind: aws\n", `kind is "aws"`},
		{"an unknown cloud", good + "cloud: mars\n", "want public, china or usgov"},
		{"azure without a subscription", "schema: " + Schema + "\nname: n\nkind: azure\n", "subscription and names.group"},
		{"azure without a group", "schema: " + Schema + "\nname: n\nkind: azure\nsubscription: s\n", "subscription and names.group"},
		{"azure by a proxy", "schema: " + Schema + "\nname: n\nkind: azure\nsubscription: s\nnames: {group: g}\nvia: http://127.0.0.1:1\n", "reached directly"},
		{"an emulator that is not on loopback", good + "endpoints: {blob: 'http://192.0.2.1:80/a'}\n", "[4:19] endpoints.blob is at 192.0.2.1:80, which is not on loopback"},
		{"an emulator that claims Azure's name", good + "endpoints: {arm: 'https://management.azure.com'}\n", "not on loopback"},
		{"an endpoint that is none", good + "endpoints: {blob: 'here'}\n", "no URL of http or https"},
		{"a key", good + "credentials: {account: 'key:a:" + strings.Repeat("Zm9v", 20) + "Zm8='}\n", "[4:31] this looks like a key"},
		{"a token", good + "location: eyJhbGciOiJIUzI1NiJ9.e30.x\n", "this looks like a key or a token"},
		{"a signature", good + "endpoints: {blob: 'http://127.0.0.1/a?sv=1&sig=x'}\n", "this looks like a key or a token"},
		{"a credential of an unknown form", good + "credentials: {deployer: 'file:x'}\n", "deployer is"},
		{"a feature both ways", good + "capabilities: {blob: true}\nabsent: {blob: why}\n", "both present and absent"},
		{"a size of an unknown form", good + "limits: {bytes: 5}\n", "write 500MiB"},
		{"a time of an unknown form", good + "limits: {settle: soon}\n", "no duration"},
		{"a sum below nothing", good + "limits: {money: -1}\n", "[4:17] limits.money "},
		{"a sum that is none", good + "limits: {money: .nan}\n", "limits.money "},
		{"minutes below nothing", good + "limits: {minutes: -1}\n", "[4:19] limits.minutes "},
		{"requests below nothing", good + "limits: {requests: -5}\n", "[4:20] limits.requests "},
		{"processes below nothing", good + "limits: {parallel: -1}\n", "limits.parallel "},
		{"a spec of no time", good + "limits: {spec: 1ns}\n", "[4:16] limits.spec is shorter than 100ms"},
		{"no time to settle", good + "limits:\n  settle: 1us\n", "[5:11] limits.settle is shorter"},
		{"a group elsewhere", good + "names: {group: ../other}\n", "[4:16] names.group "},
		{"a group with a resource", good + "names: {group: g/providers/x}\n", "[4:16] names.group "},
		{"a subscription with a group", good + "subscription: s/resourceGroups/g\n", "[4:15] subscription "},
		{"a prefix that no account can have", good + "names: {prefix: My-Run}\n", "[4:17] names.prefix "},
		{"a prefix that is too long", good + "names: {prefix: lzcx}\n", "[4:17] names.prefix "},
		{"a machine that is none", good + "names: {machine: vm1}\n", "[4:18] names.machine "},
		{"a proxy without certificates", good + "via: http://127.0.0.1:1\n", "[4:6] via leads to https endpoints: name under ca"},
		{"a second document", good + "---\nname: other\n", "[5:5] here a second document begins"},
		{"a variable that is not set", good + "location: $LINARITE_NOT_SET\n", "[4:11] location is not known: set LINARITE_NOT_SET"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Parse("file.yaml", []byte(row.text))
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "file.yaml") {
				t.Errorf("%v, want %q", err, row.want)
			}
		})
	}
}

func TestParseTakes(t *testing.T) {
	for _, text := range []string{
		"--- # a document\n" + good, good + "---\n", good + "...\n",
		good + "via: http://127.0.0.1:1\nabsent: {entra: no, arm: no, vault: no}\nendpoints: {blob: 'http://127.0.0.1:2/a'}\n",
		good + "names: {group: My_group-(1).x, prefix: q1}\n",
		good + "limits: {money: 0, minutes: 0, requests: 0, parallel: 0}\n",
	} {
		if _, err := Parse("f", []byte(text)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
}

func TestLoadUnknown(t *testing.T) {
	if _, err := Load("nowhere"); err == nil || !strings.Contains(err.Error(), "there are azure-vm, azurite, emulator") {
		t.Error(err)
	}
	if _, err := Load("./nowhere.yaml"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
