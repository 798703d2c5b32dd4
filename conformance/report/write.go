package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Ready makes the folder for a report and sees that files can be written there: a run of half an hour is not to
// end at that.
func Ready(dir string) error {
	temporary, err := stage(dir, "report.json", []byte("{}\n"))
	if err != nil {
		return fmt.Errorf("no report can be written: %w", err)
	}
	return os.Remove(temporary)
}

// Write writes all forms of the report into a folder, which it makes. Where one cannot be written, the files that
// were there stay as they were.
func (r Report) Write(dir string) (err error) {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	badge, err := json.Marshal(r.badge())
	if err != nil {
		return err
	}
	junit, err := r.JUnit()
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"report.json": append(text, '\n'), "junit.xml": junit, "matrix.md": []byte(Matrix([]Report{r})), "badge.json": append(badge, '\n'),
	}
	names := slices.Sorted(maps.Keys(files))
	staged := map[string]string{}
	defer func() {
		for _, temporary := range staged {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	for _, name := range names {
		if staged[name], err = stage(dir, name, files[name]); err != nil {
			delete(staged, name)
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(staged[name], filepath.Join(dir, name)); err != nil {
			return err
		}
		delete(staged, name)
	}
	return nil
}

// stage writes a file beside where it will be, and says where; nothing is left of one that cannot be written as a
// whole.
func stage(dir, name string, content []byte) (temporary string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644) // as files of others are: CreateTemp keeps them from everybody else
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
