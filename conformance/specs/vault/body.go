package vault

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// bodySpecs are about bodies that cannot be used.
func bodySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-007/wrong-member", Title: "refuses members of the wrong type, and a body without a value",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				for _, body := range []string{`{"value":1}`, `{}`, `{"value":null}`, `{"value":"x","attributes":{"enabled":"yes"}}`, `{"value":"x","tags":{"a":1}}`} {
					a := t.Send(ctx, t.Vault("PUT", "secrets/"+name).Text(body).Set("Content-Type", "application/json"))
					t.Rule("KV-SECRET-007").Expect(a, body).To(match.Status(400))
					t.Rule("KV-SECRET-007").Expect(a, body).To(match.Code("BadParameter"))
					t.Rule("KV-SECRET-007").Expect(a, body).To(match.Message(gomega.MatchRegexp(`^Property \S* has invalid value`)))
				}
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name)), match.JSON("value", "value"), "the secret as it was")
			},
		},
		{
			ID: "KV-SECRET-008/whole-body", Title: "names no property where the body as a whole is at fault",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				for _, body := range []string{`{`, `[]`, `"x"`} {
					a := t.Send(ctx, t.Vault("PUT", "secrets/"+name).Text(body).Set("Content-Type", "application/json"))
					t.Rule("KV-SECRET-008").Expect(a, body).To(match.Message("Property  has invalid value\r\n"))
				}
			},
		},
	}
}

// limitSpecs are about how much a secret may hold.
func limitSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-010/large-value", Title: "refuses a value of more than 25 KB",
			Run: func(ctx context.Context, t *suite.T) {
				fits, refused := ends(ctx, t, object{"value": strings.Repeat("x", 25000)}, object{"value": strings.Repeat("x", 30000)})
				t.Require(fits, match.Status(200), "25000 bytes")
				t.Rule("KV-SECRET-010").Expect(refused).To(match.Status(400))
				t.Rule("KV-SECRET-010").Expect(refused).To(match.Code("BadParameter"))
			},
		},
		{
			ID: "KV-SECRET-011/bytes", Title: "counts the bytes of a value, up to 25600",
			Run: func(ctx context.Context, t *suite.T) {
				for _, letter := range []string{"x", "ü"} {
					value := strings.Repeat(letter, 25600/len(letter))
					fits, refused := ends(ctx, t, object{"value": value}, object{"value": value + "x"})
					t.Rule("KV-SECRET-011").Expect(fits, "25600 bytes of "+letter).To(match.Status(200))
					t.Rule("KV-SECRET-011").Expect(refused, "25601 bytes of "+letter).To(match.Status(400))
				}
			},
		},
		{
			ID: "KV-SECRET-012/content-type", Title: "takes content types of 255 characters, and of no more",
			Run: func(ctx context.Context, t *suite.T) {
				long := strings.Repeat("c", 255)
				fits, refused := ends(ctx, t, object{"value": "v", "contentType": long}, object{"value": "v", "contentType": long + "c"})
				t.Rule("KV-SECRET-012").Expect(fits, "255").To(match.JSON("contentType", long))
				t.Rule("KV-SECRET-012").Expect(refused, "256").To(match.Status(400))
			},
		},
		{
			ID: "KV-SECRET-013/tags", Title: "takes 15 tags, names and values of 512 characters, and no more",
			Run: func(ctx context.Context, t *suite.T) {
				tags := func(n, length int) object {
					all := object{}
					for i := range n {
						all[fmt.Sprintf("%02d", i)+strings.Repeat("n", length-2)] = strings.Repeat("v", length)
					}
					return object{"value": "v", "tags": all}
				}
				fits, refused := ends(ctx, t, tags(15, 3), tags(16, 3))
				t.Rule("KV-SECRET-013").Expect(fits, "15").To(match.JSON("tags", gomega.HaveLen(15)))
				t.Rule("KV-SECRET-013").Expect(refused, "16").To(match.Status(400))
				fits, refused = ends(ctx, t, tags(1, 512), tags(1, 513))
				t.Rule("KV-SECRET-013").Expect(fits, "512 characters").To(match.Status(200))
				t.Rule("KV-SECRET-013").Expect(refused, "513 characters").To(match.Status(400))
			},
		},
	}
}

// ends sets a secret twice: to what just fits, and to what just does not.
func ends(ctx context.Context, t *suite.T, inside, outside object) (fits, refused *wire.Answer) {
	name := t.Unique("s")
	fits = put(ctx, t, name, inside)
	return fits, t.Send(ctx, t.Vault("PUT", "secrets/"+name).JSON(outside))
}
