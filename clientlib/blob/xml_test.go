package blob

import (
	"bytes"
	"encoding/xml"
	"errors"
	"hash/crc64"
	"io"
	"strings"
	"testing"
)

// What the scanner reads, encoding/xml reads the same.
func FuzzXML(f *testing.F) {
	f.Add([]byte("\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<EnumerationResults ServiceEndpoint=\"https://a/\"><Blobs><Blob><Name>a &amp;&#x41;&#66;</Name><Properties><Etag>0x1</Etag><Content-MD5 /></Properties><Metadata><a>b</a></Metadata></Blob></Blobs><NextMarker /></EnumerationResults>"))
	f.Add([]byte("<EnumerationResults><Blobs><BlobPrefix><Name Encoded=\"true\">a%2F</Name></BlobPrefix></Blobs></EnumerationResults>"))
	f.Add([]byte("<a><b>x</b>y</a>"))
	f.Add([]byte("<a/>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _, _ = parseBlobs(text)
		_, _, _ = parseContainers(text)
		_, _ = parseBlockList(text)
		_, _ = parseDelegationKey(text)
		var leaves []string
		s := scanner{rest: text}
		start := false
		for s.next() {
			if s.closing && start {
				leaves = append(leaves, s.name()+"="+s.text())
			}
			start = !s.closing
		}
		if s.err != nil {
			return
		}
		theirs, err := leavesOf(text)
		if err != nil { // it is stricter: control characters, names, what follows the end
			return
		}
		if a, b := strings.Join(leaves, "\n"), strings.Join(theirs, "\n"); a != b {
			t.Errorf("%q:\n%q, encoding/xml\n%q", text, a, b)
		}
	})
}

// leavesOf is the elements that have text alone.
func leavesOf(text []byte) (leaves []string, err error) {
	if bytes.ContainsAny(text, "\r:") || bytes.Contains(text, []byte("<!")) || bytes.Contains(text, []byte("]]>")) {
		return nil, errors.New("line ends are made alike, and names have spaces")
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	content, leaf, depth := "", false, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return leaves, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(token.Attr) > 0 && strings.ContainsAny(token.Attr[0].Value, "<>/") {
				return nil, errors.New("the service has none of these")
			}
			content, leaf = "", true
			depth++
		case xml.CharData:
			if depth == 0 && strings.TrimSpace(string(token)) != "" {
				return nil, errors.New("text outside")
			}
			content += string(token)
		case xml.EndElement:
			if leaf {
				leaves = append(leaves, token.Name.Local+"="+content)
			}
			if leaf = false; depth == 1 {
				return leaves, nil
			}
			depth--
		case xml.ProcInst:
			if depth > 0 {
				return nil, errors.New("an instruction inside")
			}
		}
	}
}

func TestXMLThatIsWrong(t *testing.T) {
	for _, text := range []string{"", "x", "<", "<>", "<a", "<a>", "<a></b>", "<a><b></a>", "<!DOCTYPE a><a></a>", "<a>&x;</a>", "</a>", "<EnumerationResults><Blobs><Blob><Name>&#xD800;</Name></Blob></Blobs></EnumerationResults>",
		"<Other></Other>", `<EnumerationResults><Blobs><Blob><Name Encoded="true">%zz</Name></Blob></Blobs></EnumerationResults>`} {
		if items, _, err := parseBlobs([]byte(text)); err == nil {
			t.Errorf("%q: %+v", text, items)
		}
	}
}

// A name that XML cannot write comes escaped.
func TestEncodedName(t *testing.T) {
	items, _, err := parseBlobs([]byte(`<EnumerationResults><Blobs><Blob><Name Encoded="true">dir%2F100%25-%EF%BF%BE-name.txt</Name><Properties><Content-Length>3</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>`))
	if err != nil || len(items) != 1 || items[0].Name != "dir/100%-\ufffe-name.txt" || items[0].Size != 3 {
		t.Error(items, err)
	}
}

func FuzzContentRange(f *testing.F) {
	f.Add("bytes 0-0/1")
	f.Add("bytes */5")
	f.Add("bytes 9223372036854775806-9223372036854775806/9223372036854775807")
	f.Fuzz(func(t *testing.T, text string) {
		from, to, total, ok := contentRange(text)
		if ok && (from < 0 || from >= to || to > total) {
			t.Errorf("%q: %d to %d of %d", text, from, to, total)
		}
	})
}

// Sums that the service has computed.
func TestCRC(t *testing.T) {
	for text, want := range map[string]string{
		"": "AAAAAAAAAAA=", "Hello World": "YeJLfssylmU=", strings.Repeat("\x00", 1024): "iknlm7CyG2k=", strings.Repeat("\x00", 131072): "UNjdat8Fk3M=",
	} {
		if got := crcOf([]byte(text)); got != want {
			t.Errorf("%d bytes: %s", len(text), got)
		}
	}
}

func FuzzCRC(f *testing.F) {
	f.Add([]byte("abc"), 300)
	f.Fuzz(func(t *testing.T, data []byte, times int) {
		data = bytes.Repeat(data, times&1023)
		if got, want := crcOf(data), crcText(crc64.Checksum(data, crcTable())); got != want {
			t.Errorf("%d bytes: %s instead of %s", len(data), got, want)
		}
	})
}

func BenchmarkCRC(b *testing.B) {
	data := make([]byte, defaultBlock)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			crcSum(data)
		}
	})
	b.Run("crc64", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			crc64.Checksum(data, crcTable())
		}
	})
}
