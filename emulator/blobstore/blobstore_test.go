package blobstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

var now = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

// world has the account "acct" with the container "cont".
func world(t testing.TB) *state.Store {
	t.Helper()
	s := state.New()
	update(t, s, func(tx *state.Tx) error {
		tx.Accounts.Put(state.StorageAccount{Name: "acct"})
		_, err := CreateContainer(tx, state.Container{Account: "acct", Name: "cont"}, now)
		return err
	})
	return s
}

func update(t testing.TB, s *state.Store, f func(*state.Tx) error) {
	t.Helper()
	if err := s.Update(f); err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	var e *apierr.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

// The tag of a recorded answer (Azure/azure-storage-python), whose Last-Modified is the
// second of this instant.
func TestETag(t *testing.T) {
	at := time.Date(2019, 8, 2, 1, 5, 52, 465899400, time.UTC)
	if got := ETag(at); got != "0x8D716E5908C6F32" {
		t.Errorf("%s", got)
	}
	if got := ETag(time.Date(1, 1, 1, 0, 0, 0, 300, time.UTC)); got != "0x3" {
		t.Errorf("the third tick of the calendar: %s", got)
	}
}

// BLOB-COMMON-014: also where the clock stands still, or goes back.
func TestEveryWriteHasItsOwnTag(t *testing.T) {
	s := world(t)
	seen := map[string]bool{}
	last := ""
	for i, at := range []time.Time{now, now, now.Add(time.Second), now.Add(time.Second), now.Add(-time.Hour), now.Add(-time.Hour)} {
		update(t, s, func(tx *state.Tx) error {
			b, err := PutBlob(tx, state.Blob{Account: "acct", Container: "cont", Name: "b"}, at)
			tag := ETag(b.Modified)
			if seen[tag] || tag <= last {
				t.Errorf("write %d: %s after %s", i, tag, last)
			}
			seen[tag], last = true, tag
			return err
		})
	}
	update(t, s, func(tx *state.Tx) error {
		DeleteBlob(tx, "acct", "cont", "b")
		b, err := PutBlob(tx, state.Blob{Account: "acct", Container: "cont", Name: "b"}, now)
		if seen[ETag(b.Modified)] {
			t.Error("a blob that was made again has the tag of the old one")
		}
		return err
	})
}

// BLOB-COMMON-032: vectors of Azure/azure-storage-python and of other clients.
func TestChecksums(t *testing.T) {
	for _, row := range []struct {
		data       []byte
		md5, crc64 string
	}{
		{nil, "1B2M2Y8AsgTpgAmY7PhCfg==", "AAAAAAAAAAA="},
		{[]byte("Hello World"), "sQqNsWTgdUEFt6mb5y4/5Q==", "YeJLfssylmU="},
		{make([]byte, 1024), "DzQ7CTESaiDxM9Z8KwGKOw==", "iknlm7CyG2k="},
		{make([]byte, 131072), "", "UNjdat8Fk3M="},
	} {
		for name, r := range map[string]struct {
			from io.Reader
			size int64
		}{
			"known": {bytes.NewReader(row.data), int64(len(row.data))}, "unknown": {bytes.NewReader(row.data), -1},
			"dribbling": {iotest.OneByteReader(bytes.NewReader(row.data)), -1},
		} {
			b, err := Read(r.from, r.size, 1<<20)
			if err != nil || b.CRC64 != row.crc64 || row.md5 != "" && b.MD5 != row.md5 || b.Content.Size != int64(len(row.data)) {
				t.Errorf("%d bytes, %s: %s %s %d %v", len(row.data), name, b.MD5, b.CRC64, b.Content.Size, err)
			}
		}
		if b := BodyOf(row.data); b.CRC64 != row.crc64 || row.md5 != "" && b.MD5 != row.md5 {
			t.Errorf("BodyOf: %s %s", b.MD5, b.CRC64)
		}
	}
}

func TestRead(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), chunkSize/16*2+3)
	b, err := Read(bytes.NewReader(data), int64(len(data)), int64(len(data)))
	if err != nil || len(b.Content.Chunks) != 3 || !bytes.Equal(bytes.Join(b.Content.Chunks, nil), data) {
		t.Fatalf("%d chunks, %v", len(b.Content.Chunks), err)
	}
	for _, size := range []int{1, firstChunk, 3 * firstChunk, len(data)} { // of unknown size
		b, err := Read(bytes.NewReader(data[:size]), -1, int64(size))
		if err != nil || !bytes.Equal(bytes.Join(b.Content.Chunks, nil), data[:size]) {
			t.Fatalf("%d bytes: %d, %v", size, b.Content.Size, err)
		}
		kept := 0
		for _, chunk := range b.Content.Chunks {
			kept += cap(chunk)
		}
		if kept > 2*size+16 || len(b.Content.Chunks) > size/chunkSize+10 {
			t.Errorf("%d bytes are kept in %d, in %d chunks", size, kept, len(b.Content.Chunks))
		}
	}
	for _, row := range [][2]int64{{0, 5}, {chunkSize - 2, 4}, {5, 2 * chunkSize}, {int64(len(data)) - 1, 1}, {3, 0}} {
		part := b.Content.Slice(row[0], row[1])
		if got := bytes.Join(part.Chunks, nil); part.Size != row[1] || !bytes.Equal(got, data[row[0]:row[0]+row[1]]) {
			t.Errorf("slice %v: %d bytes", row, len(got))
		}
	}
	for name, row := range map[string]struct{ size, limit int64 }{"declared": {10, 9}, "undeclared": {-1, 9}} {
		if _, err := Read(strings.NewReader("0123456789"), row.size, row.limit); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(strings.NewReader("012"), 10, 100); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that breaks off: %v", err)
	}
	// The reader of a chunked body says ErrUnexpectedEOF where the last chunk is missing.
	for _, size := range []int{0, 3, firstChunk, firstChunk + 3} {
		broken := io.MultiReader(bytes.NewReader(data[:size]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if b, err := Read(broken, -1, int64(len(data))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a body of unknown size that breaks off after %d bytes: %d, %v", size, b.Content.Size, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"abc": "<nil>", "a-b-c": "<nil>", "$root": "<nil>", "$web": "<nil>", "0a1": "<nil>", strings.Repeat("a", 63): "<nil>",
		"ab": "OutOfRangeInput", "": "OutOfRangeInput", strings.Repeat("a", 64): "OutOfRangeInput",
		"ABC": "InvalidResourceName", "a_b": "InvalidResourceName", "-ab": "InvalidResourceName", "ab-": "InvalidResourceName", "a--b": "InvalidResourceName", "$abc": "InvalidResourceName", "abü": "InvalidResourceName",
	} {
		if got := code(CheckContainerName(name)); got != want {
			t.Errorf("container %q: %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"a": "<nil>", "a//b/": "<nil>", "ä €😀": "<nil>", strings.Repeat("€", 1024): "<nil>", " ": "<nil>",
		"": "InvalidUri", strings.Repeat("a", 1025): "InvalidUri", "a\x00b": "InvalidUri", "a\x01b": "InvalidUri", "a\nb": "InvalidUri", "\xff": "InvalidUri",
	} {
		if got := code(CheckBlobName("cont", name)); got != want {
			t.Errorf("blob %q: %s, want %s", name, got, want)
		}
	}
	if got := code(CheckBlobName(Root, "a/b")); got != "InvalidUri" {
		t.Errorf("a slash in $root: %s", got)
	}
	item := func(names ...string) (out []state.MetadataItem) {
		for _, n := range names {
			out = append(out, state.MetadataItem{Name: n, Value: "v"})
		}
		return out
	}
	for want, items := range map[string][]state.MetadataItem{
		"<nil>": item("a", "_b1", "Ü"), "EmptyMetadataKey": item(""), "MetadataTooLarge": {{Name: "a", Value: strings.Repeat("x", 8192)}},
	} {
		if got := code(CheckMetadata(items)); got != want {
			t.Errorf("%v: %s, want %s", items, got, want)
		}
	}
	for _, bad := range [][]string{{"1a"}, {"a-b"}, {"a b"}, {"abc", "ABC"}} {
		if got := code(CheckMetadata(item(bad...))); got != "InvalidMetadata" {
			t.Errorf("%v: %s", bad, got)
		}
	}
}

func TestTags(t *testing.T) {
	eleven := map[string]string{}
	for i := range 11 {
		eleven[fmt.Sprint(i)] = ""
	}
	for want, tags := range map[string]map[string]string{
		"<nil>": {"a b+-.:=_/1": ""}, "EmptyTagName": {"": "x"}, "InvalidTag": {"a": "ä"}, "TagsTooLarge": eleven,
	} {
		if got := code(CheckTags(tags)); got != want {
			t.Errorf("%v: %s, want %s", tags, got, want)
		}
	}
	for _, tags := range []map[string]string{{strings.Repeat("a", 129): ""}, {"a": strings.Repeat("a", 257)}} {
		if got := code(CheckTags(tags)); got != "TagsTooLarge" {
			t.Error(got)
		}
	}
}

// list is what a listing shows, page by page: prefixes in brackets, uncommitted blobs
// with a star.
func list(t testing.TB, s *state.Store, l Listing) (out []string) {
	t.Helper()
	l.Account, l.Container, l.Now = "acct", "cont", now
	s.View(func(tx *state.Tx) {
		for {
			page, next := ListBlobs(tx, l)
			for _, e := range page {
				switch {
				case e.Prefix != "":
					out = append(out, "["+e.Prefix+"]")
				case e.Uncommitted:
					out = append(out, e.Blob.Name+"*")
				default:
					out = append(out, e.Blob.Name)
				}
			}
			if len(page) > l.Limit || next == "" {
				return
			}
			l.From = next
		}
	})
	return out
}

func fill(t testing.TB, s *state.Store, names ...string) {
	t.Helper()
	update(t, s, func(tx *state.Tx) error {
		for _, name := range names {
			if _, err := PutBlob(tx, state.Blob{Account: "acct", Container: "cont", Name: name}, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestListBlobs(t *testing.T) {
	s := world(t)
	fill(t, s, "a", "a/", "a/b", "a/c/d", "ab", "b//x", "b/y", "ä")
	update(t, s, func(tx *state.Tx) error {
		_, err := CreateContainer(tx, state.Container{Account: "acct", Name: "cont1"}, now)
		_, err2 := PutBlob(tx, state.Blob{Account: "acct", Container: "cont1", Name: "elsewhere"}, now)
		return errors.Join(err, err2, StageBlock(tx, state.StagedBlock{Account: "acct", Container: "cont", Name: "a/a", ID: "YQ=="}, now),
			StageBlock(tx, state.StagedBlock{Account: "acct", Container: "cont", Name: "ab", ID: "YQ=="}, now))
	})
	for want, l := range map[string]Listing{
		"a a/ a/b a/c/d ab b//x b/y ä":      {},
		"a [a/] ab [b/] ä":                  {Delimiter: "/"},
		"a/ a/b [a/c/]":                     {Prefix: "a/", Delimiter: "/"},
		"a a/ a/b a/c/d ab":                 {Prefix: "a"},
		"a a/ a/a* a/b a/c/d ab b//x b/y ä": {Uncommitted: true},
		"b//x b/y ä":                        {From: "b"},
		"":                                  {Prefix: "zz"},
	} {
		for limit := 1; limit < 10; limit++ {
			l.Limit = limit
			if got := strings.Join(list(t, s, l), " "); got != want {
				t.Errorf("%+v: %s\nwant %s", l, got, want)
			}
		}
	}
}

// A listing is what one would write without thinking about indexes.
func FuzzListBlobs(f *testing.F) {
	f.Add("a|a/b|a/b/c|b", "a", "/", 2)
	f.Add("x!y|x!|!", "", "!", 1)
	f.Fuzz(func(t *testing.T, names, prefix, delimiter string, limit int) {
		s := world(t)
		var want []string
		for name := range strings.SplitSeq(names, "|") {
			if CheckBlobName("cont", name) != nil {
				continue
			}
			fill(t, s, name)
			rest, ok := strings.CutPrefix(name, prefix)
			if !ok {
				continue
			}
			if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
				name = "[" + prefix + rest[:i+len(delimiter)] + "]"
			}
			want = append(want, name)
		}
		slices.SortFunc(want, func(a, b string) int { return strings.Compare(strings.Trim(a, "[]"), strings.Trim(b, "[]")) })
		want = slices.Compact(want)
		if strings.ContainsAny(names+prefix+delimiter, "[]") {
			return
		}
		got := list(t, s, Listing{Prefix: prefix, Delimiter: delimiter, Limit: max(1, limit)})
		if !slices.Equal(got, want) {
			t.Fatalf("%q, prefix %q, delimiter %q: %q, want %q", names, prefix, delimiter, got, want)
		}
	})
}

func TestBlocks(t *testing.T) {
	s := world(t)
	stage := func(tx *state.Tx, id, data string, at time.Time) error {
		return StageBlock(tx, state.StagedBlock{Account: "acct", Container: "cont", Name: "b", ID: id, Content: BodyOf([]byte(data)).Content}, at)
	}
	commit := func(tx *state.Tx, at time.Time, refs ...BlockRef) (string, error) {
		b, err := CommitBlocks(tx, state.Blob{Account: "acct", Container: "cont", Name: "b"}, refs, at)
		return string(bytes.Join(b.Content.Chunks, nil)), err
	}
	update(t, s, func(tx *state.Tx) error {
		if err := errors.Join(stage(tx, "MQ==", "one", now), stage(tx, "Mg==", "two", now), stage(tx, "MQ==", "ONE", now)); err != nil {
			return err
		}
		if got := code(stage(tx, "MTEx", "x", now)); got != "<nil>" {
			t.Errorf("an id of the same length in base64: %s", got)
		}
		if got := code(stage(tx, "MTExMQ==", "x", now)); got != "InvalidBlobOrBlock" {
			t.Errorf("an id of another length: %s", got)
		}
		if u, _ := Staged(tx, "acct", "cont", "b", now); u.Blocks != 3 {
			t.Errorf("%d blocks staged", u.Blocks)
		}
		got, err := commit(tx, now, BlockRef{"Mg==", Latest}, BlockRef{"MQ==", Uncommitted}, BlockRef{"Mg==", Latest})
		if got != "twoONEtwo" {
			t.Errorf("committed %q", got)
		}
		if blocks := StagedBlocks(tx, "acct", "cont", "b", now); blocks != nil {
			t.Errorf("%d blocks are left", len(blocks))
		}
		return err
	})
	update(t, s, func(tx *state.Tx) error {
		if err := stage(tx, "MQ==", "new", now); err != nil {
			return err
		}
		if _, err := commit(tx, now, BlockRef{"Mg==", Uncommitted}); code(err) != "InvalidBlockList" {
			t.Errorf("a committed block taken for a staged one: %v", err)
		}
		if _, err := commit(tx, now, make([]BlockRef, MaxBlocks+1)...); code(err) != "BlockListTooLong" {
			t.Errorf("too many blocks: %v", err)
		}
		got, err := commit(tx, now, BlockRef{"MQ==", Committed}, BlockRef{"MQ==", Latest})
		if got != "ONEnew" {
			t.Errorf("committed %q", got)
		}
		return err
	})
	update(t, s, func(tx *state.Tx) error {
		if err := stage(tx, "MTExMQ==", "x", now); err != nil {
			return err
		}
		if err := stage(tx, "MQ==", "x", now.Add(stagedFor)); err != nil {
			t.Errorf("a week later the old blocks still count: %v", err)
		}
		if u, _ := Staged(tx, "acct", "cont", "b", now.Add(stagedFor)); u.Blocks != 1 {
			t.Errorf("%d blocks staged", u.Blocks)
		}
		DeleteContainer(tx, "acct", "cont")
		if tx.Blobs.Len()+tx.Staged.Len()+tx.Uncommitted.Len()+tx.Containers.Len() != 0 {
			t.Error("a container that was deleted left something")
		}
		return nil
	})
	for id, want := range map[string]string{"YQ==": "<nil>", "": "InvalidBlockId", "a": "InvalidBlockId", "YQ": "InvalidBlockId", strings.Repeat("YWFh", 22): "InvalidBlockId"} {
		if got := code(CheckBlockID(id)); got != want {
			t.Errorf("%q: %s", id, got)
		}
	}
}

func TestContainers(t *testing.T) {
	s := world(t)
	update(t, s, func(tx *state.Tx) error {
		for want, c := range map[string]state.Container{
			"ContainerAlreadyExists": {Account: "acct", Name: "cont"}, "InvalidResourceName": {Account: "acct", Name: "Cont"}, "PublicAccessNotPermitted": {Account: "acct", Name: "public", Public: "blob"},
		} {
			if _, err := CreateContainer(tx, c, now); code(err) != want {
				t.Errorf("%s: %v, want %s", c.Name, err, want)
			}
		}
		if _, err := CreateContainer(tx, state.Container{Account: "none", Name: "cont"}, now); err == nil {
			t.Error("a container of no account")
		}
		for _, name := range []string{"bbb", "aaa", "$logs"} {
			if _, err := CreateContainer(tx, state.Container{Account: "acct", Name: name}, now); err != nil {
				return err
			}
		}
		page, next := ListContainers(tx, "acct", "", "", 2)
		if len(page) != 2 || page[0].Name != "aaa" || page[1].Name != "bbb" || next != "cont" {
			t.Errorf("%v %s", page, next)
		}
		if page, next = ListContainers(tx, "acct", "", next, 2); len(page) != 1 || next != "" {
			t.Errorf("%v %s", page, next)
		}
		if page, _ = ListContainers(tx, "acct", "b", "", 9); len(page) != 1 {
			t.Errorf("%v", page)
		}
		DeleteAll(tx, "acct")
		if tx.Containers.Len() != 0 {
			t.Error("containers are left")
		}
		return nil
	})
}
