package persist

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzText: whatever a text is, it comes back from both forms, as a value and as a key.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", " ", "a: b", "- a", "#", "'", "\"", "\\", "\\n", "\n", "\r\n", "\t", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffd", "\ufffe", "\U0001f600", "\U0010ffff", "a\n b\n", "{}", "yes", "1", "%", "@", "`", "*a", "&a", "!a", "|", ">", "---", "..."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 4<<10 {
			t.Skip()
		}
		n := &node{kind: mapping}
		n.set("value", &node{kind: text, text: s})
		tags := &node{kind: mapping}
		tags.set(s, &node{kind: text, text: s + s})
		n.set("tags", tags)
		check := func(form string, got *node) {
			if got == nil || got.get("value") == nil || got.get("value").text != s || got.get("tags") == nil || got.get("tags").get(s) == nil || got.get("tags").get(s).text != s+s {
				t.Errorf("%s: %q came back as %+v", form, s, got)
			}
		}
		raw := appendJSON(nil, n)
		if !json.Valid(raw) {
			t.Fatalf("not JSON: %s", raw)
		}
		got, err := parseJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		check("JSON", got)

		var b bytes.Buffer
		b.WriteString("rows:\n")
		writeYAML(&b, &node{kind: list, items: []*node{n, n}}, 0)
		rows := 0
		err = readYAML(b.Bytes(), func(_ string, _ int, v *node) error {
			rows++
			check("YAML", v)
			return nil
		})
		if err != nil || rows != 2 {
			t.Fatalf("%d rows, %v:\n%s", rows, err, b.Bytes())
		}
	})
}

// FuzzReadYAML: no file makes the reader fail in another way than by an error.
func FuzzReadYAML(f *testing.F) {
	for _, s := range []string{head, "a: b\n", "- a", "a:\n- b\n- c: d\n", "? a\n: b\n", "a: !!x b", "a: *b", "<<: a", "---\na: b\n...\n", "a: [", "a: {b: [c, {d: e}]}", "a: |\n  b\n", "\t", "a:\n\tb", "%YAML 1.2\n---\n", "a: 1.5", "a: .inf", "&a a: b", "1: 2", "{a: b}", "[a]", "a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		if len(data) > 4<<10 {
			return
		}
		_ = readYAML(data, func(_ string, _ int, v *node) error { appendJSON(nil, v); return nil })
	})
}
