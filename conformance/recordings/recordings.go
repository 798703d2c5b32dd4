package recordings

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Variable is the environment variable that names the folder with recordings, descriptions and tools, where it is not
// beside the checkout.
const Variable = "LINARITE_SHARED"

// maxFile is the size in bytes beyond which a file is no recording: the longest known has 100 kB.
const maxFile = 16 << 20

// Folder finds the folder "recordings" of the data beside a checkout, or below what Variable names. False means that
// there is none; the path then says where it was looked for.
func Folder(checkout string) (path string, found bool) {
	base := os.Getenv(Variable)
	if base == "" {
		base = filepath.Join(filepath.Dir(filepath.Clean(checkout)), "shared")
	}
	path = filepath.Join(base, "recordings")
	info, err := os.Stat(path)
	return path, err == nil && info.IsDir()
}

// Recording is what one test of an SDK exchanged with the service.
type Recording struct {
	// Name is the path of the file below the folder that was read, with slashes and without ".json".
	Name string `json:"-"`
	// Source says where the recording was published.
	Source       Source        `json:"source"`
	Interactions []Interaction `json:"interactions"`
}

// Source is the public place of a recording.
type Source struct {
	Repo   string `json:"repo"`
	Commit string `json:"commit"`
	Path   string `json:"path"`
}

// Interaction is one request with its answer. Names of headers are in lower case; a header has one value.
type Interaction struct {
	Method     string            `json:"method"`
	URI        string            `json:"uri"`
	ReqHeaders map[string]string `json:"reqHeaders"`
	ReqBody    Body              `json:"reqBody"`
	// ReqBodyRecorded is false where the request had a body that the recording does not tell.
	ReqBodyRecorded bool              `json:"-"`
	Status          int               `json:"status"`
	RespHeaders     map[string]string `json:"respHeaders"`
	RespBody        Body              `json:"respBody"`
}

// Body is the body of a message.
type Body struct {
	// Data are its bytes, the first ones alone when it is cut; nil for none.
	Data []byte
	// Cut is the length in bytes of a body that the recording tells the beginning of; 0 for a whole one.
	Cut int
}

// Whole tells whether all bytes of the body are known.
func (b Body) Whole() bool { return b.Cut == 0 }

// UnmarshalJSON takes text, {"b64": …} for bytes, {"text": …, "truncated": length} for the beginning of a text, and null.
func (b *Body) UnmarshalJSON(data []byte) error {
	*b = Body{}
	switch {
	case string(data) == "null":
		return nil
	case len(data) > 0 && data[0] == '"':
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		b.Data = []byte(text)
		return nil
	}
	var form struct {
		B64       *string `json:"b64"`
		Text      *string `json:"text"`
		Truncated int     `json:"truncated"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return fmt.Errorf("a body is text, null, or an object with b64 or text: %w", err)
	}
	switch {
	case form.B64 != nil && form.Text == nil && form.Truncated == 0:
		raw, err := base64.StdEncoding.DecodeString(*form.B64)
		b.Data = raw
		return err
	case form.Text != nil && form.B64 == nil:
		if form.Truncated <= 0 {
			return fmt.Errorf("a body with text says its length as truncated, not %d", form.Truncated)
		}
		b.Data, b.Cut = []byte(*form.Text), form.Truncated
		return nil
	}
	return errors.New("a body is text, null, or an object with b64 or text")
}

// UnmarshalJSON reads an interaction; a body counts as recorded unless the recording says that it is not.
func (i *Interaction) UnmarshalJSON(data []byte) error {
	type plain Interaction
	form := struct {
		*plain
		Recorded *bool `json:"reqBodyRecorded"`
	}{plain: (*plain)(i)}
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	i.ReqBodyRecorded = form.Recorded == nil || *form.Recorded
	if i.Method == "" || i.URI == "" || i.Status < 100 || i.Status > 599 {
		return fmt.Errorf("an interaction has a method, a uri and a status from 100 to 599, not %q, %q and %d", i.Method, i.URI, i.Status)
	}
	return nil
}

// Read reads one recording. Its errors name the file.
func Read(file string) (Recording, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Recording{}, err
	}
	if info.Size() > maxFile {
		return Recording{}, fmt.Errorf("%s: %d bytes are too many for a recording", file, info.Size())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return Recording{}, err
	}
	var r Recording
	if err := json.Unmarshal(data, &r); err != nil {
		return Recording{}, fmt.Errorf("%s: %w", file, err)
	}
	if len(r.Interactions) == 0 {
		return Recording{}, fmt.Errorf("%s: no interactions; is it a recording?", file)
	}
	r.Name = strings.TrimSuffix(filepath.Base(file), ".json")
	return r, nil
}

// ReadAll reads all recordings below a folder, by name.
func ReadAll(folder string) ([]Recording, error) {
	var all []Recording
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		r, err := Read(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		r.Name = strings.TrimSuffix(filepath.ToSlash(name), ".json")
		all = append(all, r)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: no recordings", folder)
	}
	return all, err
}
