package wire

import (
	"encoding/base64"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
)

// Verify verifies a token by the world's clock, and notes for the refusal what a client
// library can do about a token that is not accepted only because of Linarite: worlds of one
// process share their keys, and their clocks can be moved.
func (c *Call) Verify(raw string) (identity.Caller, identity.Failure, time.Time) {
	caller, failure, expires := c.World.Tokens.Verify(raw, c.Now)
	if (failure == identity.Expired || failure == identity.NotYetValid) && c.World.Tokens.Shared() {
		at := c.World.Clock.Position()
		c.clockMoved = at.Frozen || at.Offset != 0
	}
	return caller, failure, expires
}

// askAgain asks for a token that was issued from now on (Microsoft identity platform,
// "Claims challenges, claims requests and client capabilities"): clients that know such
// challenges pass their caches over and ask once more.
func askAgain(c *Call) string {
	claims := `{"access_token":{"nbf":{"essential":true,"value":"` + strconv.FormatInt(c.Now.Unix(), 10) + `"}}}`
	return `Bearer realm="", authorization_uri="` + c.World.Cloud.Entra.LoginEndpoint +
		`/common/oauth2/authorize", error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`
}

// RefuseOtherWorld refuses a good token of another world of this process or installation, which
// Azure never sees: client libraries that keep tokens for the whole process offer one. They answer one
// challenge for each request, and may answer it with the token that was refused, which
// another request has taken from their cache meanwhile: a request that comes with such a
// token once more is told to come again, as after a busy moment.
func RefuseOtherWorld(c *Call) error {
	if c.World.strangers.again(c.Request) {
		e := apierr.New(apierr.FrontOtherWorldAgain)
		e.RetryAfter = 10 * time.Millisecond
		return e
	}
	return apierr.New(apierr.FrontOtherWorld).WithChallenge(askAgain(c))
}

// strangers are the requests that came with a token of another world.
type strangers struct {
	mu   sync.Mutex
	seen map[uint64]bool // by method and URL: most clients give their requests no ids
}

// maxStrangers bounds them; whoever is forgotten gets a challenge once more.
const maxStrangers = 1024

// again tells whether a request came so before. Two that are alike count as one that comes
// twice, which does no harm: each of them comes again until its client has the right token.
func (s *strangers) again(r *http.Request) bool {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.Method+" "+r.Host+r.RequestURI)
	id := h.Sum64()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[id] {
		delete(s.seen, id)
		return true
	}
	if s.seen == nil || len(s.seen) >= maxStrangers {
		s.seen = map[uint64]bool{}
	}
	s.seen[id] = true
	return false
}

// Bearer takes the token out of an Authorization header. present tells whether there
// is a header at all, ok whether it has the form of RFC 6750.
func Bearer(header []string) (token string, present, ok bool) {
	if len(header) == 0 || header[0] == "" {
		return "", false, false
	}
	if len(header) > 1 {
		return "", true, false
	}
	scheme, rest, found := strings.Cut(header[0], " ")
	token = strings.TrimSpace(rest)
	// One search a character: ContainsAny looks at the kilobytes of a token one by one.
	split := strings.Contains(token, " ") || strings.Contains(token, "\t") || strings.Contains(token, ",")
	return token, true, found && strings.EqualFold(scheme, "Bearer") && token != "" && !split
}
