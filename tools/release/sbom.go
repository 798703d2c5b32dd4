package main

import (
	"bytes"
	"crypto/sha1" // for a name: RFC 9562, version 5
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// modulePath is the module whose releases these are.
const modulePath = "github.com/linarite/linarite"

// bill writes the bill of materials of an archive as CycloneDX 1.6: its programs, and every module and the standard library
// that the compiler put into them, as the programs say themselves.
func (r release) bill(b built, archive string, content []byte) ([]byte, error) {
	bom := cdx.NewBOM()
	sum := sha256.Sum256(content)
	bom.SerialNumber = "urn:uuid:" + serial(archive, sum)
	root := cdx.Component{
		BOMRef: purl(modulePath, r.version), Type: cdx.ComponentTypeApplication, Name: modulePath, Version: r.version,
		PackageURL: purl(modulePath, r.version), Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
		Licenses:   &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}},
		Properties: &[]cdx.Property{{Name: "linarite:archive", Value: archive}, {Name: "linarite:platform", Value: b.platform.String()}},
	}
	bom.Metadata = &cdx.Metadata{Timestamp: r.at.Format(time.RFC3339), Component: &root}
	var components []cdx.Component
	var within []string
	for i, f := range b.programs {
		sum := sha256.Sum256(f.data)
		components = append(components, cdx.Component{
			BOMRef: "file:" + f.name, Type: cdx.ComponentTypeFile, Name: f.name, Version: r.version,
			Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
			Properties: &[]cdx.Property{{Name: "linarite:package", Value: b.info[i].Path}},
		})
		within = append(within, "file:"+f.name)
	}
	goVersion := strings.TrimPrefix(b.info[0].GoVersion, "go")
	library := cdx.Component{BOMRef: purl("std", goVersion), Type: cdx.ComponentTypeLibrary, Name: "std", Version: goVersion, PackageURL: purl("std", goVersion)}
	components = append(components, library)
	for _, m := range b.modules() {
		components = append(components, cdx.Component{
			BOMRef: purl(m.Path, m.Version), Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: purl(m.Path, m.Version),
			Properties: &[]cdx.Property{{Name: "go:sum", Value: m.Sum}},
		})
	}
	bom.Components = &components
	bom.Dependencies = b.edges(root.BOMRef, library.BOMRef, within)
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

// edges says which program is made of what. How the modules need each other is not in the programs, and not told.
func (b built) edges(root, library string, within []string) *[]cdx.Dependency {
	edges := []cdx.Dependency{{Ref: root, Dependencies: &within}}
	for i, ref := range within {
		on := []string{library}
		for _, m := range b.info[i].Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			on = append(on, purl(m.Path, m.Version))
		}
		edges = append(edges, cdx.Dependency{Ref: ref, Dependencies: &on})
	}
	return &edges
}

// purl is a module's package URL. The path stands as it is: none of its characters wants escaping.
func purl(module, version string) string { return fmt.Sprintf("pkg:golang/%s@%s", module, version) }

// serial is an UUID of the archive's name and content, so that the same archive has the same bill.
func serial(archive string, sum [sha256.Size]byte) string {
	h := sha1.Sum(append([]byte(archive), sum[:]...))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
