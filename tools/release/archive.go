package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sumsFile names every other file of a release with its SHA-256, as sha256sum writes and reads it.
const sumsFile = "SHA256SUMS"

// name is the common part of the names of one platform's files.
func (r release) name(p platform) string {
	return fmt.Sprintf("linarite_%s_%s_%s", strings.TrimPrefix(r.version, "v"), p.os, p.arch)
}

// pack writes the archive of one platform and its bill of materials.
func (r release) pack(dir string, b built, common []file) error {
	notice, err := b.licenses()
	if err != nil {
		return err
	}
	files := append(append(append([]file{}, b.programs...), common...), notice)
	base := r.name(b.platform)
	var archive bytes.Buffer
	ext := ".tar.gz"
	if b.platform.os == "windows" {
		ext = ".zip"
		err = writeZip(&archive, base, files, r.at)
	} else {
		err = writeTarGz(&archive, base, files, r.at)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", base+ext, err)
	}
	if err := os.WriteFile(filepath.Join(dir, base+ext), archive.Bytes(), 0o644); err != nil {
		return err
	}
	bill, err := r.bill(b, base+ext, archive.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, base+".cdx.json"), bill, 0o644)
}

func writeTarGz(out io.Writer, folder string, files []file, at time.Time) error {
	compressed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := writeTar(compressed, folder, files, at); err != nil {
		return err
	}
	return compressed.Close()
}

// writeTar writes files of nobody, in the order given, into folder; an empty folder means the root.
func writeTar(out io.Writer, folder string, files []file, at time.Time) error {
	archive := tar.NewWriter(out)
	for _, f := range files {
		name := f.name
		if folder != "" {
			name = folder + "/" + name
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(f.data)), Mode: int64(f.mode.Perm()), ModTime: at, Uid: f.owner, Gid: f.owner, Format: tar.FormatUSTAR}
		if f.mode.IsDir() {
			header.Typeflag, header.Name = tar.TypeDir, name+"/"
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeZip(out io.Writer, folder string, files []file, at time.Time) error {
	archive := zip.NewWriter(out)
	for _, f := range files {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: at}
		header.SetMode(f.mode)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// sums writes the checksums of all that is in dir.
func sums(dir string) error {
	entries, err := os.ReadDir(dir) // by name
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		fmt.Fprintf(&text, "%s  %s\n", hex.EncodeToString(sum[:]), e.Name())
	}
	return os.WriteFile(filepath.Join(dir, sumsFile), []byte(text.String()), 0o644)
}
