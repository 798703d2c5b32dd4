package blob_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
)

func TestTags(t *testing.T) {
	_, c := tutorial(t)
	want := map[string]string{"project": "blue sky", "a+b": "1/2:3=4", "empty": ""}
	files := c.Container("files")
	for name, o := range map[string]*blob.UploadOptions{
		"whole": {Tags: want}, "blocks": {Tags: want, BlockSize: 4, Parallel: 1},
	} {
		b := files.Blob(name)
		if _, err := b.Upload(t.Context(), strings.NewReader("some text"), o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := b.Tags(t.Context(), nil); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := files.Blob("hello_world.txt").Tags(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("a blob without tags: %q, %v", got, err)
	}
	if _, err := files.Blob("none").Tags(t.Context(), nil); !clientlib.HasCode(err, "BlobNotFound") {
		t.Error(err)
	}
}

func ExampleBlob_Tags() {
	emu, store := world()
	defer emu.Close()
	b := store.Container("files").Blob("report.txt")
	_, err := b.Upload(context.Background(), strings.NewReader("text"), &blob.UploadOptions{Tags: map[string]string{"project": "blue"}})
	check(err)
	fmt.Println(b.Tags(context.Background(), nil))
	// Output: map[project:blue] <nil>
}
