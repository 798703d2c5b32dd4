package blob_test

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib/blob"
)

// TestGreatNumbers: a number as great as can be means all there is, and never nothing.
func TestGreatNumbers(t *testing.T) {
	_, c := tutorial(t)
	b, want := c.Container("files").Blob("b"), pattern(10_000)
	must(b.Upload(t.Context(), bytes.NewReader(want), nil))(t)
	for _, o := range []blob.DownloadOptions{
		{Offset: 5, Count: math.MaxInt64}, {Offset: 5, Count: math.MaxInt64, Verify: true}, {Count: math.MaxInt64, RangeSize: 1000},
		{RangeSize: math.MaxInt}, {Offset: 5, RangeSize: math.MaxInt}, {Offset: 5, Count: math.MaxInt64, RangeSize: math.MaxInt, Parallel: 1},
	} {
		got, place := &bytes.Buffer{}, &at{}
		must(b.Download(t.Context(), got, &o))(t)
		must(b.DownloadAt(t.Context(), place, &o))(t)
		if !bytes.Equal(got.Bytes(), want[o.Offset:]) || !bytes.Equal(place.data, want[o.Offset:]) {
			t.Errorf("%+v: %d and %d bytes, want %d", o, got.Len(), len(place.data), len(want)-int(o.Offset))
		}
	}
}

// TestTooGreatNumbers: what cannot be had is an error, and no panic.
func TestTooGreatNumbers(t *testing.T) {
	_, c := tutorial(t)
	b := c.Container("files").Blob("hello_world.txt")
	for _, parallel := range []int{1001, math.MaxInt} {
		if _, err := b.Download(t.Context(), io.Discard, &blob.DownloadOptions{RangeSize: 3, Parallel: parallel}); err == nil || !strings.Contains(err.Error(), "Parallel") {
			t.Error(parallel, err)
		}
		if _, err := b.Upload(t.Context(), strings.NewReader("hello"), &blob.UploadOptions{BlockSize: 2, Parallel: parallel}); err == nil || !strings.Contains(err.Error(), "Parallel") {
			t.Error(parallel, err)
		}
	}
	if _, err := b.Upload(t.Context(), strings.NewReader("hello"), &blob.UploadOptions{Size: math.MaxInt64}); err == nil || !strings.Contains(err.Error(), "Size") {
		t.Error(err)
	}
}

// says is a source that is wrong about its length.
type claims struct {
	io.Reader
	length int
}

func (s claims) Len() int { return s.length }

// TestSourcesMaySayAnything: the length that a source says by itself is a guess.
func TestSourcesMaySayAnything(t *testing.T) {
	emu, c := tutorial(t)
	for _, length := range []int{-5, 0, 1, math.MaxInt - 1, math.MaxInt} {
		must(c.Container("files").Blob("b").Upload(t.Context(), claims{strings.NewReader("hello"), length}, nil))(t)
		if got := string(emu.StorageAccount(store).Container("files").Download("b")); got != "hello" {
			t.Errorf("%d: %q", length, got)
		}
	}
}
