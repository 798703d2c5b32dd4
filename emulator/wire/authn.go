package wire

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
)

// RefuseOtherWorld refuses a good token of another world of this process, which Azure never
// sees: client libraries that keep tokens for the whole process offer one. The challenge
// asks for a token that was issued from now on (Microsoft identity platform, "Claims
// challenges, claims requests and client capabilities"): clients that know such challenges
// pass their caches over and ask this world.
func RefuseOtherWorld(c *Call) error {
	claims := `{"access_token":{"nbf":{"essential":true,"value":"` + strconv.FormatInt(c.Now.Unix(), 10) + `"}}}`
	return apierr.New(apierr.FrontOtherWorld).WithChallenge(`Bearer realm="", authorization_uri="https://` + c.World.Cloud.Entra.LoginHosts[0] +
		`/common/oauth2/authorize", error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`)
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
