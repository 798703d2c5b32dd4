//go:build unix

package main

import (
	"crypto/md5" //nolint:gosec // Content-MD5 is what the service speaks
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

// writer writes to things of its own, one request after the other: so at most one change is
// open when the world is killed.
type writer struct {
	id     int
	chance *rand.Rand
	n      int
	// blobs and secrets are by name; a secret's fate is that of its current value.
	blobs, secrets map[string]*fate
	// versions are the values of all acknowledged versions, by id; fresh are those since
	// the last check.
	versions map[string]string
	fresh    []string
	// tree is how far a group with an account with a container with a blob has grown: what
	// it consists of. It goes as a whole.
	tree         fate
	acknowledged int
}

func newWriter(id int, chance *rand.Rand) *writer {
	return &writer{id: id, chance: chance, blobs: map[string]*fate{}, secrets: map[string]*fate{}, versions: map[string]string{}}
}

// content is text that is in no other.
func (w *writer) content() string {
	w.n++
	sizes := []int{1, 1 << 10, 40 << 10, 100 << 10, 1200 << 10} // small, and large enough for chunks that are held
	size := sizes[[]int{0, 1, 1, 1, 2, 3, 4}[w.chance.IntN(7)]]
	head := fmt.Sprintf("%d-%d ", w.id, w.n)
	return head + strings.Repeat(head, size/len(head))
}

// write makes one change, and tells whether the world is still there.
func (w *writer) write(c *keptClient) bool {
	var ok bool
	switch w.chance.IntN(8) {
	case 0, 1, 2:
		ok = w.putBlob(c)
	case 3:
		ok = w.putBlocks(c)
	case 4:
		ok = w.deleteBlob(c)
	case 5:
		ok = w.setSecret(c)
	default:
		ok = w.grow(c)
	}
	if ok {
		w.acknowledged++
	}
	return ok
}

func (w *writer) pick(from map[string]*fate, kind string) (string, *fate) {
	name := fmt.Sprintf("%s-%d-%d", kind, w.id, w.chance.IntN(5))
	if from[name] == nil {
		from[name] = &fate{}
	}
	return name, from[name]
}

func (w *writer) putBlob(c *keptClient) bool {
	name, f := w.pick(w.blobs, "blob")
	f.try(w.content())
	if a := c.blob("PUT", "/files/"+name, f.next, "x-ms-blob-type: BlockBlob"); !c.acknowledged(a, 201) {
		return false
	}
	f.done()
	return true
}

func (w *writer) putBlocks(c *keptClient) bool {
	name, f := w.pick(w.blobs, "blob")
	parts, list := []string{w.content(), w.content()}, ""
	for i, part := range parts {
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%08d-%d", w.n, i))
		if a := c.blob("PUT", "/files/"+name+"?comp=block&blockid="+strings.NewReplacer("+", "%2B", "=", "%3D").Replace(id), part); !c.acknowledged(a, 201) {
			return false
		}
		list += "<Latest>" + id + "</Latest>"
	}
	f.try(parts[0] + parts[1])
	if a := c.blob("PUT", "/files/"+name+"?comp=blocklist", "<BlockList>"+list+"</BlockList>"); !c.acknowledged(a, 201) {
		return false
	}
	f.done()
	return true
}

func (w *writer) deleteBlob(c *keptClient) bool {
	name, f := w.pick(w.blobs, "blob")
	f.try(absent)
	if a := c.blob("DELETE", "/files/"+name, ""); !c.acknowledged(a, 202, 404) {
		return false
	}
	f.done()
	return true
}

func (w *writer) setSecret(c *keptClient) bool {
	name, f := w.pick(w.secrets, "secret")
	w.n++
	f.try(fmt.Sprintf("value %d-%d", w.id, w.n))
	a := c.vault("PUT", "/secrets/"+name, `{"value":"`+f.next+`"}`)
	if !c.acknowledged(a, 200) {
		return false
	}
	f.done()
	if a.err != nil {
		return false // acknowledged, but cut short: its id is not known
	}
	var answer struct{ ID string }
	if err := json.Unmarshal([]byte(a.body), &answer); err != nil {
		c.t.Errorf("a secret's answer is %s", a.body)
	}
	w.versions[answer.ID] = f.known
	w.fresh = append(w.fresh, answer.ID)
	return true
}

// stages are how far a tree can have grown.
func stages() []string {
	return []string{absent, "group", "group account", "group account container", "group account container blob"}
}

// grow does the next thing to the tree: the group and all that is in it go at once.
func (w *writer) grow(c *keptClient) bool {
	group, account := fmt.Sprintf("tree-%d", w.id), fmt.Sprintf("tree%dstore", w.id)
	at := 0
	for i, stage := range stages() {
		if stage == w.tree.known {
			at = i
		}
	}
	w.tree.try(stages()[(at+1)%len(stages())])
	var a keptAnswer
	switch at {
	case 0:
		a = c.arm("PUT", "/resourceGroups/"+group+"?api-version=2021-04-01", `{"location":"westus"}`)
	case 1:
		a = c.arm("PUT", "/resourceGroups/"+group+"/providers/Microsoft.Storage/storageAccounts/"+account+"?api-version=2021-09-01",
			`{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"}}`)
	case 2:
		a = c.inAccount("PUT", account, "/inner?restype=container", "")
	case 3:
		a = c.inAccount("PUT", account, "/inner/blob", "inner", "x-ms-blob-type: BlockBlob")
	default:
		a = c.arm("DELETE", "/resourceGroups/"+group+"?api-version=2021-04-01", "")
	}
	if !c.acknowledged(a, 200, 201, 202) {
		return false
	}
	w.tree.done()
	return true
}

// check compares what is there with what was acknowledged, old versions of secrets too
// where all are asked for.
func (w *writer) check(t *testing.T, c *keptClient, all bool) {
	t.Helper()
	for name, f := range w.blobs {
		a := c.blob("GET", "/files/"+name, "")
		if a.status == http.StatusOK {
			sum := md5.Sum([]byte(a.body)) //nolint:gosec // see the import
			if got, want := a.header.Get("Content-MD5"), base64.StdEncoding.EncodeToString(sum[:]); got != "" && got != want {
				t.Errorf("%s: Content-MD5 is %s, of the content %s", name, got, want)
			}
		}
		f.saw(t, name, a.there(t, name))
	}
	for name, f := range w.secrets {
		f.saw(t, name, secretIn(c.vault("GET", "/secrets/"+name, ""), t, name))
	}
	if all {
		w.fresh = nil
		for id := range w.versions {
			w.fresh = append(w.fresh, id)
		}
	}
	for _, id := range w.fresh {
		_, path, _ := strings.Cut(id, ".net")
		if got := secretIn(c.vault("GET", path, ""), t, id); got != w.versions[id] {
			t.Errorf("%s is %s: acknowledged was %q", id, brief(got), w.versions[id])
		}
	}
	w.fresh = nil
	w.tree.saw(t, fmt.Sprintf("tree %d", w.id), w.look(t, c))
}

// look says what of the tree is there.
func (w *writer) look(t *testing.T, c *keptClient) string {
	t.Helper()
	group, account := fmt.Sprintf("tree-%d", w.id), fmt.Sprintf("tree%dstore", w.id)
	var there []string
	for _, part := range []struct {
		name   string
		answer keptAnswer
	}{
		{"group", c.arm("GET", "/resourceGroups/"+group+"?api-version=2021-04-01", "")},
		{"account", c.arm("GET", "/resourceGroups/"+group+"/providers/Microsoft.Storage/storageAccounts/"+account+"?api-version=2021-09-01", "")},
		{"container", c.inAccount("GET", account, "/inner?restype=container", "")},
		{"blob", c.inAccount("GET", account, "/inner/blob", "")},
	} {
		switch part.answer.status {
		case http.StatusOK:
			there = append(there, part.name)
		case http.StatusNotFound, http.StatusMisdirectedRequest: // the host of no account
		default:
			t.Errorf("%s of %s: %d %s", part.name, group, part.answer.status, part.answer.body)
		}
	}
	return strings.Join(there, " ")
}

func secretIn(a keptAnswer, t *testing.T, name string) string {
	t.Helper()
	body := a.there(t, name)
	if body == absent {
		return absent
	}
	var answer struct{ Value string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Value == "" {
		t.Errorf("%s: %s", name, body)
	}
	return answer.Value
}
