package tutorial

import (
	"context"
	"encoding/base64"
	"net/url"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// object is a JSON body.
type object = map[string]any

// tokenPath is the tutorial's request for a token, up to the audience.
const tokenPath = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="

// curl asks the metadata service for a token as the tutorial types it. The audience is as typed,
// escaped or not; behind it may stand &client_id=.
func curl(ctx context.Context, t *suite.T, audience string) (answer *wire.Answer, token string) {
	answer = t.Send(ctx, t.IMDS(tokenPath+audience))
	t.Require(answer, match.JSON("access_token", gomega.Not(gomega.BeEmpty())), "a token")
	return answer, match.Text(answer, "access_token")
}

// escaped is an audience as most of the commands have it: https%3A%2F%2Fvault.azure.cn.
func escaped(audience string) string { return url.QueryEscape(audience) }

// form sends a body as curl -d does, whatever it holds.
func form(r *suite.Request, body string) *suite.Request {
	return r.Text(body).Set("Content-Type", "application/x-www-form-urlencoded")
}

// upload and download are what az storage blob upload and download send, without a credential.
func upload(r *suite.Request, content string) *suite.Request {
	return r.Set("x-ms-version", "2022-11-02").Set("x-ms-blob-type", "BlockBlob").Set("x-ms-blob-content-type", "text/plain").
		Set("If-None-Match", "*").Set("Content-Type", "application/octet-stream").Text(content).Anonymous()
}

func download(r *suite.Request) *suite.Request {
	return r.Set("x-ms-version", "2022-11-02").Set("x-ms-range", "bytes=0-33554431").Anonymous()
}

// signed signs a request with a key of an account, in base64.
func signed(t *suite.T, r *suite.Request, account, key string) *suite.Request {
	return r.Authorize(func(_ context.Context, w *wire.Request) error {
		raw, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			return err
		}
		sign.SharedKey(w, account, raw, t.Now())
		return nil
	})
}

// content is what the tutorial's flows 2, 3 and 7 upload.
const content = "This is a test file.\n"

// came holds a downloaded blob to what was uploaded.
func came(t *suite.T, rule string, a *wire.Answer, about string) {
	t.Rule(rule).Expect(a, about).To(match.Status(206))
	t.Rule(rule).Expect(a, about).To(match.Header("Content-Range", "bytes 0-20/21"))
	t.Rule(rule).Expect(a, about).To(match.Body(content))
}
