package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/targets"
)

// on is an Env whose target answers as f does.
func on(t *testing.T, f func(r *wire.Request) (*wire.Answer, error)) *Env {
	t.Helper()
	target, err := targets.Parse("t", []byte("schema: "+targets.Schema+"\nname: t\nkind: emulator\nlimits: {spec: 2s, settle: 100ms}\n"))
	if err != nil {
		t.Fatal(err)
	}
	transport := wire.TransportFunc(func(_ context.Context, r *wire.Request) (*wire.Answer, error) { return f(r) })
	return Setup(target, Resolve(target), transport, time.Now, nil, nil)
}

func answer(status int, body string) func(*wire.Request) (*wire.Answer, error) {
	return func(*wire.Request) (*wire.Answer, error) {
		return &wire.Answer{Proto: "HTTP/1.1", Status: status, Body: []byte(body)}, nil
	}
}

// ids that exist, put together so that the search for citations passes them by.
var (
	ruleA = fmt.Sprintf("IMDS-TOKEN-%03d", 2)
	ruleB = fmt.Sprintf("IMDS-TOKEN-%03d", 3)
)

func specOf(run func(ctx context.Context, t *T)) Spec {
	return Spec{ID: ruleA + "/x", Title: "does x", Covers: []string{ruleB}, Run: run}
}

// statuses are those of both rules, and of the spec.
func statuses(r SpecResult) string {
	return fmt.Sprint(r.Rules[0].Status, " ", r.Rules[1].Status, " ", r.Status)
}

func TestRunStatuses(t *testing.T) {
	ask := func(ctx context.Context, t *T) *wire.Answer { return t.Send(ctx, t.IMDS("/x").Anonymous()) }
	for _, row := range []struct {
		name string
		run  func(ctx context.Context, t *T)
		want string
	}{
		{"both hold", func(ctx context.Context, t *T) {
			a := ask(ctx, t)
			t.Rule(ruleA).Expect(a).To(match.Status(200))
			t.Rule(ruleB).Expect(a).NotTo(match.Status(201))
		}, "pass pass pass"},
		{"one is false, and the other is looked at all the same", func(ctx context.Context, t *T) {
			a := ask(ctx, t)
			t.Rule(ruleA).Expect(a).To(match.Status(404))
			t.Rule(ruleB).Expect(a).To(match.Status(200))
		}, "fail pass fail"},
		{"a false one is not healed by a later one", func(ctx context.Context, t *T) {
			a := ask(ctx, t)
			t.Rule(ruleA).Expect(a).To(match.Status(404))
			t.Rule(ruleA).Expect(a).To(match.Status(200))
			t.Rule(ruleB).Expect(a).To(match.Status(200))
		}, "fail pass fail"},
		{"what the matcher cannot look at fails", func(ctx context.Context, t *T) {
			a := ask(ctx, t)
			t.Rule(ruleA).Expect(a).To(match.XML("Error/Code", "x"))
			t.Rule(ruleB).Expect(a).NotTo(match.XML("Error/Code", "x"))
		}, "fail fail fail"},
		{"one was promised", func(ctx context.Context, t *T) { t.Rule(ruleA).Expect(ask(ctx, t)).To(match.Status(200)) }, "pass error error"},
		{"the target was not asked", func(ctx context.Context, t *T) {
			t.Rule(ruleA).Expect(1).To(gomega.Equal(1))
			t.Rule(ruleB).Expect(1).To(gomega.Equal(1))
		}, "error error error"},
		{"the permission beside the refusal is missing", func(ctx context.Context, t *T) {
			a := ask(ctx, t)
			t.Rule(ruleA).Expect(a).To(match.Status(200))
			t.Rule(ruleB).Expect(a).To(match.Status(404))
			t.Require(a, match.Status(201))
		}, "error fail fail"},
		{"a rule that the spec does not name", func(ctx context.Context, t *T) {
			t.Rule("ARM-GROUP-" + "001").Expect(ask(ctx, t)).To(match.Status(200))
		}, "error error error"},
		{"a panic", func(ctx context.Context, t *T) { panic("oh") }, "error error error"},
		{"a poll that ends well", func(ctx context.Context, t *T) {
			n := 0
			t.Rule(ruleA).Eventually(ctx, func(ctx context.Context) any { n++; ask(ctx, t); return n }, gomega.BeNumerically(">", 1))
			t.Rule(ruleB).Eventually(ctx, func(ctx context.Context) any { return ask(ctx, t) }, match.Status(404))
		}, "pass fail fail"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := Run(t.Context(), on(t, answer(200, "{}")), specOf(row.run))
			if got := statuses(r); got != row.want {
				t.Errorf("%s, want %s (%+v)", got, row.want, r)
			}
		})
	}
}

func TestTransportFailureIsNoFailureOfTheTarget(t *testing.T) {
	env := on(t, func(*wire.Request) (*wire.Answer, error) { return nil, errors.New("refused") })
	r := Run(t.Context(), env, specOf(func(ctx context.Context, t *T) { t.Send(ctx, t.IMDS("/x")) }))
	if got := statuses(r); got != "error error error" || !strings.Contains(r.Reason, "refused") {
		t.Errorf("%s %+v", got, r)
	}
}

func TestCleanupRunsAfterAllEnds(t *testing.T) {
	for name, end := range map[string]func(t *T){"well": func(*T) {}, "broken": func(t *T) { t.Broken("x") }, "by a panic": func(*T) { panic(1) }} {
		var order []string
		Run(t.Context(), on(t, answer(200, "")), specOf(func(ctx context.Context, t *T) {
			t.Cleanup(func(context.Context) { order = append(order, "first") })
			t.Cleanup(func(context.Context) { order = append(order, "second"); panic("in cleaning up") })
			t.Cleanup(func(ctx context.Context) {
				if IsCleaning(ctx) && ctx.Err() == nil {
					order = append(order, "third")
				}
			})
			end(t)
		}))
		if got := fmt.Sprint(order); got != "[third second first]" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestNoSecretIsKept: canaries in every place that an exchange has, and in what a failure says.
func TestNoSecretIsKept(t *testing.T) {
	const canary = "Canary0Canary1Canary2"
	env := on(t, func(r *wire.Request) (*wire.Answer, error) {
		return &wire.Answer{Status: 400, Header: wire.Header{{Name: "Location", Value: "https://h/?sig=" + canary}, {Name: "Set-Cookie", Value: canary}},
			Body: []byte(`{"access_token":"` + canary + `","value":"` + canary + `","echo":"` + string(r.Body) + `"}`)}, nil
	})
	env.key = []byte(canary)
	r := Run(t.Context(), env, specOf(func(ctx context.Context, t *T) {
		t.Hide("Hidden" + canary)
		ask := t.VaultOf("v", "PUT", "secrets/s?sig="+canary).Bearer("x" + canary).Text("Hidden" + canary)
		a := t.Send(ctx, ask.Set("x-ms-encryption-key", canary))
		t.Rule(ruleA).Expect(a).To(match.Body("x"))
		t.Rule(ruleB).Expect("sig=" + canary + " Hidden" + canary).To(gomega.Equal("x"))
		t.Broken("token Bearer %s, sig=%s", canary, canary)
	}))
	if text := fmt.Sprintf("%+v", r); strings.Contains(text, canary) {
		t.Errorf("%s", text)
	}
}

// TestKeysOfAnOddAnswerAreNotKept: a target that answers listKeys in its own way does not get them shown.
func TestKeysOfAnOddAnswerAreNotKept(t *testing.T) {
	const canary = "Canary0Canary1Canary2"
	for _, body := range []string{`{"error":{},"keys":[{"value":"` + canary + `"}]}`, `{"kees":[{"Value":"` + canary + `"}]}`} {
		env := on(t, answer(200, body))
		r := Run(t.Context(), env, specOf(func(ctx context.Context, t *T) {
			a := t.Send(ctx, t.ARM("POST", "/a/listKeys?api-version=1").Anonymous())
			t.Broken("listKeys: %d %s", a.Status, a.Body)
		}))
		if text := fmt.Sprintf("%+v", r); strings.Contains(text, canary) {
			t.Errorf("%s", text)
		}
	}
}

func TestNewCatalogueRefuses(t *testing.T) {
	body := func(context.Context, *T) {}
	for _, row := range []struct {
		want  string
		specs []Spec
	}{
		{"is not of the form", []Spec{{ID: ruleA, Title: "x", Run: body}}},
		{"is not of the form", []Spec{{ID: ruleA + "/X", Title: "x", Run: body}}},
		{"is not a phrase", []Spec{{ID: ruleA + "/x", Run: body}}},
		{"is not a phrase", []Spec{{ID: ruleA + "/x", Title: "A sentence.", Run: body}}},
		{"no body", []Spec{{ID: ruleA + "/x", Title: "x"}}},
		{"no rule", []Spec{{ID: "IMDS-NONE-" + "001/x", Title: "x", Run: body}}},
		{"covered twice", []Spec{{ID: ruleA + "/x", Title: "x", Covers: []string{ruleA}, Run: body}}},
		{"no feature", []Spec{{ID: ruleA + "/x", Title: "x", Needs: []string{"mind.reading"}, Run: body}}},
		{"no profile", []Spec{{ID: ruleA + "/x", Title: "x", Profiles: []string{"ALL"}, Run: body}}},
		{"there twice", []Spec{{ID: ruleA + "/x", Title: "x", Run: body}, {ID: ruleA + "/x", Title: "x", Run: body}}},
	} {
		if _, err := NewCatalogue(row.specs); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v, want %q", err, row.want)
		}
	}
}

func TestPlan(t *testing.T) {
	body := func(context.Context, *T) {}
	blob := fmt.Sprintf("BLOB-GET-%03d", 12) // since 2026-04-06
	c, err := NewCatalogue([]Spec{
		{ID: ruleA + "/x", Title: "x", Run: body}, {ID: blob + "/x", Title: "x", Run: body},
		{ID: ruleB + "/slow", Title: "x", Slow: true, Run: body}, {ID: ruleB + "/rough", Title: "x", Disruptive: true, Run: body},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		target targets.File
		sel    Selection
		want   string
	}{
		{"an emulator", targets.File{Kind: targets.Emulator}, Selection{}, "   "},
		{"old versions", targets.File{Kind: targets.Azurite, Versions: targets.Versions{BlobNewest: "2025-11-05"},
			Endpoints: targets.Endpoints{IMDS: "http://127.0.0.1:1", Blob: "http://127.0.0.1:2"}, Credentials: targets.Credentials{Account: "key:a:K"}}, Selection{}, " excluded  excluded"},
		{"no metadata service", targets.File{Kind: targets.Emulator, Absent: map[string]string{"imds": "no"}}, Selection{}, "unsupported  unsupported unsupported"},
		{"declared by a capability", targets.File{Kind: targets.Emulator, Capabilities: map[string]bool{"imds.token": false}}, Selection{}, "unsupported  unsupported unsupported"},
		{"real Azure", targets.File{Kind: targets.Azure}, Selection{}, "  excluded excluded"},
		{"real Azure, all", targets.File{Kind: targets.Azure}, Selection{Slow: true, Disruptive: true}, "   "},
		{"an area", targets.File{Kind: targets.Emulator}, Selection{IDs: []string{"BLOB-GET"}}, "notRun  notRun notRun"},
		{"a profile", targets.File{Kind: targets.Emulator}, Selection{Profile: "BLOB"}, "notRun  notRun notRun"},
	} {
		plan, err := NewPlan(c, row.target, nil, row.sel)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range plan.Specs {
			got = append(got, string(p.Status))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %q, want %q", row.name, strings.Join(got, " "), row.want)
		}
	}
	for name, wrong := range map[string]func() error{
		"a feature": func() error {
			_, err := NewPlan(c, targets.File{Capabilities: map[string]bool{"mind": false}}, nil, Selection{})
			return err
		},
		"an id": func() error {
			_, err := NewPlan(c, targets.File{}, nil, Selection{IDs: []string{"BLOB-GE"}})
			return err
		},
		"a profile": func() error { _, err := NewPlan(c, targets.File{}, nil, Selection{Profile: "ALL"}); return err },
	} {
		if wrong() == nil {
			t.Errorf("%s that there is not was taken", name)
		}
	}
}
