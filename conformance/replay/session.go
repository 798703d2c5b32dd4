package replay

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the service's own checksum of content
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/suite"
)

// errUnfit tells that the recording does not go on with the request of a spec.
var errUnfit = errors.New("the recording has no such request here")

// session answers the requests of one run of one spec out of one recording, in its order.
type session struct {
	recording recordings.Recording
	setup     []recordings.Interaction
	next      int
	unfit     bool
	// names are the recording's names with the spec's, bodies the contents.
	names  []pair
	bodies []body
	blocks []body
	// version is the version of Blob storage that specs ask for where they have none of their own.
	version string
	etags   map[string]bool
	// fitted counts the requests that the recording itself answered; borrowed are the places, from
	// 1, of those among all that it did not.
	fitted, answered int
	borrowed         map[int]bool
}

type pair struct{ recorded, own string }

type body struct{ recorded, own []byte }

func newSession(r recordings.Recording, setup []recordings.Interaction, version string) *session {
	return &session{recording: r, version: version, setup: setup, etags: map[string]bool{}, borrowed: map[int]bool{}}
}

// judges tells whether the recording itself has answered what a result rests on.
func (s *session) judges(result suite.SpecResult) bool {
	if s.fitted == 0 || s.unfit || result.Status == suite.Broken {
		return false
	}
	for _, r := range result.Rules {
		if r.Status == suite.Fail && s.borrowed[r.Exchange] {
			return false
		}
	}
	return true
}

// Send implements wire.Transport.
func (s *session) Send(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
	if suite.IsCleaning(ctx) {
		return &wire.Answer{Proto: "HTTP/1.1", Status: 202}, nil
	}
	if strings.HasPrefix(r.URL, "http://169.254.169.254/") {
		return token(), nil
	}
	if s.unfit {
		return nil, &wire.Error{Phase: "read", Err: errUnfit}
	}
	listed := len(s.borrowed) > 1 && strings.Contains(r.URL, "comp=list") // it would not have what was borrowed beside the container
	for i := s.next; i < len(s.recording.Interactions) && !listed; i++ {
		if s.fits(r, s.recording.Interactions[i]) {
			s.next = i + 1
			s.fitted++
			s.answered++
			return s.answer(r, s.recording.Interactions[i]), nil
		}
	}
	// Containers were made and deleted outside most recorded tests.
	for _, i := range s.setup {
		if s.fits(r, i) {
			s.answered++
			s.borrowed[s.answered] = true
			return s.answer(r, i), nil
		}
	}
	s.unfit = true
	return nil, &wire.Error{Phase: "read", Err: errUnfit}
}

// token is a token that nobody looks at: recordings hold none.
func token() *wire.Answer {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := `{"exp":4102444800,"oid":"00000000-0000-0000-0000-000000000000","tid":"00000000-0000-0000-0000-000000000000"}`
	return &wire.Answer{Proto: "HTTP/1.1", Status: 200, Body: []byte(`{"access_token":"` + part(`{"alg":"none"}`) + "." + part(claims) + "." + part("x") + `"}`)}
}

// free are query parameters and header fields that say nothing about what is asked.
func free(name string) bool {
	switch strings.ToLower(name) {
	case "timeout", "sig", "sv", "se", "st", "sp", "sr", "spr", "sip", "ss", "srt", "si", "api-version", "x-ms-date", "date", "x-ms-version", "x-ms-client-request-id",
		"x-ms-return-client-request-id", "user-agent", "authorization", "content-length", "content-type", "host", "connection", "accept", "accept-encoding", "accept-language",
		"x-ms-keep-alive", "cookie", "expect":
		return true
	}
	return false
}

// fits tells whether a request is, but for names and contents, the recorded one.
func (s *session) fits(r *wire.Request, i recordings.Interaction) bool {
	own, err := url.Parse(r.URL)
	if err != nil || r.Method != i.Method || r.NoLength || r.Chunks != nil || r.Raw != nil || r.Header.Has("Content-Length") {
		return false // recordings do not tell how a message was framed
	}
	was, err := url.Parse(i.URI)
	if err != nil || serviceOf(own.Host) != serviceOf(was.Host) {
		return false
	}
	if shape(own.Path) != shape(was.Path) || !sameQuery(own.Query(), was.Query()) {
		return false
	}
	if !s.sameVersion(r, i, own, was) || !s.sameText(r, i) || !s.sameBlock(own, was) {
		return false
	}
	return s.sameHeader(r, i) && (len(r.Body) > 0) == (i.ReqHeaders["content-length"] != "" && i.ReqHeaders["content-length"] != "0" || len(i.ReqBody.Data) > 0)
}

// sameVersion: a spec that asks for a version of its own is about that version. One that takes the
// suite's fits any.
func (s *session) sameVersion(r *wire.Request, i recordings.Interaction, own, was *url.URL) bool {
	if serviceOf(own.Host) == "blob" {
		v := r.Header.Get("x-ms-version")
		return v == s.version || v == i.ReqHeaders["x-ms-version"]
	}
	v := own.Query().Get("api-version")
	usual := []string{suite.GroupVersion, suite.StorageVersion, suite.VaultVersion, suite.IdentityVersion, suite.AssignmentVersion}
	return slices.Contains(usual, v) || v == was.Query().Get("api-version")
}

// sameText: a body that says something, in XML or JSON, is to say the same.
func (s *session) sameText(r *wire.Request, i recordings.Interaction) bool {
	text := strings.TrimSpace(string(r.Body))
	if !strings.HasPrefix(text, "<") && !strings.HasPrefix(text, "{") {
		return true
	}
	squeeze := func(t string) string { return strings.Join(strings.Fields(strings.ReplaceAll(t, `"`, "'")), "") }
	return squeeze(s.own(string(i.ReqBody.Data))) == squeeze(text)
}

// sameBlock: ids of blocks fit when both are ones, and both are as long as the last.
func (s *session) sameBlock(own, was *url.URL) bool {
	a, errA := base64.StdEncoding.DecodeString(own.Query().Get("blockid"))
	b, errB := base64.StdEncoding.DecodeString(was.Query().Get("blockid"))
	if (errA == nil) != (errB == nil) {
		return false
	}
	for _, p := range s.blocks {
		if (len(p.own) == len(a)) != (len(p.recorded) == len(b)) {
			return false
		}
	}
	return true
}

// serviceOf is the part of a host that tells the service.
func serviceOf(host string) string {
	switch {
	case strings.Contains(host, ".blob."):
		return "blob"
	case strings.HasPrefix(host, "management."):
		return "arm"
	}
	return host
}

// shape is a path without the names in it: of Resource Manager's paths every second segment is one.
func shape(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if !strings.EqualFold(parts[0], "subscriptions") {
		return strconv.Itoa(min(len(parts), 2)) + strconv.FormatBool(parts[0] == "" || parts[0] == "$root") + strconv.FormatBool(len(path) > 1000) // names may be too long
	}
	provider := false
	for i := 1; i < len(parts); i++ {
		switch {
		case strings.EqualFold(parts[i-1], "providers"):
			provider = true
		case provider:
			provider = false // the type that follows a namespace
		case i%2 == 1:
			parts[i] = "*"
		}
		if provider && i+2 < len(parts) {
			parts[i+2] = "*"
		}
	}
	return strings.ToLower(strings.Join(parts, "/"))
}

func sameQuery(own, was url.Values) bool {
	left := map[string]string{}
	for name, v := range was {
		if !free(name) {
			left[strings.ToLower(name)] = strings.Join(v, ",")
		}
	}
	for name, v := range own {
		if free(name) {
			continue
		}
		recorded, ok := left[strings.ToLower(name)]
		if !ok || recorded != strings.Join(v, ",") && !named(name) {
			return false
		}
		delete(left, strings.ToLower(name))
	}
	return len(left) == 0
}

// named are parameters whose value is a name.
func named(parameter string) bool {
	switch strings.ToLower(parameter) {
	case "blockid", "snapshot", "prefix", "marker":
		return true
	}
	return false
}

// sameHeader compares the fields that mean something. A tag in a condition fits when both are of a
// recorded answer, or neither is; content has its own checksum.
func (s *session) sameHeader(r *wire.Request, i recordings.Interaction) bool {
	left := map[string]string{}
	for name, v := range i.ReqHeaders {
		if !free(name) {
			left[strings.ToLower(name)] = v
		}
	}
	for _, f := range r.Header {
		name := strings.ToLower(f.Name)
		if free(name) {
			continue
		}
		recorded, ok := left[name]
		switch {
		case !ok:
			return false
		case name == "if-match" || name == "if-none-match":
			if s.etags[strings.Trim(recorded, `"`)] != s.etags[strings.Trim(f.Value, `"`)] || (recorded == "*") != (f.Value == "*") {
				return false
			}
		case name == "content-md5" || name == "x-ms-blob-content-md5":
			if (f.Value == sum(r.Body)) != (recorded == sum(i.ReqBody.Data)) {
				return false
			}
		case recorded != f.Value:
			return false
		}
		delete(left, name)
	}
	return len(left) == 0
}

// answer is the recorded one, with the spec's own names and contents.
func (s *session) answer(r *wire.Request, i recordings.Interaction) *wire.Answer {
	s.learn(r, i)
	a := &wire.Answer{Proto: "HTTP/1.1", Status: i.Status, Framing: "length"}
	for name, v := range i.RespHeaders {
		a.Header = append(a.Header, wire.Field{Name: name, Value: s.own(v)})
		if strings.EqualFold(name, "etag") {
			s.etags[strings.Trim(v, `"`)] = true
		}
	}
	a.Body = s.content(i)
	if a.Header.Has("content-length") && r.Method != "HEAD" {
		a.Header.Set("content-length", strconv.Itoa(len(a.Body)))
	}
	return a
}

// learn pairs names and contents of the request with the recorded one's.
func (s *session) learn(r *wire.Request, i recordings.Interaction) {
	own, _ := url.Parse(r.URL)
	was, _ := url.Parse(i.URI)
	a, b := strings.Split(was.Path, "/"), strings.Split(own.Path, "/")
	for n := range min(len(a), len(b)) {
		if a[n] != b[n] && len(a[n]) > 2 {
			s.names = append(s.names, pair{a[n], b[n]})
		}
	}
	if x, y := strings.Split(was.Host, ".")[0], strings.Split(own.Host, ".")[0]; x != y && len(x) > 2 {
		s.names = append(s.names, pair{x, y})
	}
	for name, v := range was.Query() {
		if w := own.Query().Get(name); named(name) && w != v[0] {
			s.names = append(s.names, pair{v[0], w})
		}
	}
	if id := own.Query().Get("blockid"); id != "" {
		a, _ := base64.StdEncoding.DecodeString(id)
		b, _ := base64.StdEncoding.DecodeString(was.Query().Get("blockid"))
		s.blocks = append(s.blocks, body{recorded: b, own: a})
	}
	if i.ReqBody.Whole() && len(i.ReqBody.Data) > 0 {
		s.bodies = append(s.bodies, body{i.ReqBody.Data, r.Body})
	}
}

// own puts the spec's names into a recorded text.
func (s *session) own(text string) string {
	for _, p := range s.names {
		text = strings.ReplaceAll(text, p.recorded, p.own)
	}
	for _, b := range s.bodies {
		text = strings.ReplaceAll(text, sum(b.recorded), sum(b.own))
	}
	return text
}

func sum(content []byte) string {
	m := md5.Sum(content) //nolint:gosec // the service's own checksum of content
	return base64.StdEncoding.EncodeToString(m[:])
}

// content is the recorded body, or what the spec itself had sent where the recording has what it
// had sent.
func (s *session) content(i recordings.Interaction) []byte {
	for _, b := range s.bodies {
		if at := bytes.Index(b.recorded, i.RespBody.Data); at >= 0 && len(i.RespBody.Data) > 0 && i.Status/100 == 2 {
			if len(i.RespBody.Data) == len(b.recorded) {
				return b.own
			}
			if end := at + len(i.RespBody.Data); end <= len(b.own) {
				return b.own[at:end]
			}
		}
	}
	return []byte(s.own(string(i.RespBody.Data)))
}
