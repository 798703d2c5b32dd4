package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/linarite/linarite/emulator/fault"
)

// ruleFlags defines a flag for each member of a rule that people give. It is named as the
// member in JSON, with dashes.
func ruleFlags(f *pflag.FlagSet, r *fault.Rule) {
	m, e := &r.Match, &r.Effect
	f.StringVar(&m.Plane, "plane", m.Plane, "match: "+strings.Join(fault.Planes(), ", "))
	f.StringVar(&m.Operation, "operation", m.Operation, "match: operation, whole or the part behind the underscore; also --op")
	f.StringVar(&m.Identity, "identity", m.Identity, "match: object id or client id of the caller, or of the identity a token is asked for")
	f.StringVar(&m.Machine, "machine", m.Machine, "match: name or resource id of the machine the caller is on")
	f.StringVar(&m.Resource, "resource", m.Resource, "match: what the request is about and all below it, in the way of its plane: a path,\naccount/container/blob, vault/name, an audience")
	f.IntVar(&m.Nth, "nth", m.Nth, "match: only the nth of these requests, from 1")
	f.Float64Var(&m.Share, "share", m.Share, "match: a part of these requests, such as 0.3")
	f.StringVar(&m.Seed, "seed", m.Seed, "match: any text, from which follows which ones --share takes")

	f.IntVar(&e.Status, "status", e.Status, "effect: refuse with this status, 400 to 599")
	f.StringVar(&e.Code, "code", e.Code, "effect: with this error code")
	f.Var((*span)(&e.RetryAfter), "retry-after", "effect: with a Retry-After of this span")
	f.StringVar(&e.RetryAfterForm, "retry-after-form", e.RetryAfterForm, "effect: written as "+strings.Join([]string{fault.RetrySeconds, fault.RetryDate, fault.RetryMS, fault.RetryMSPrefixed}, ", "))
	f.Var((*span)(&e.Delay), "delay", "effect: hold the request back for a span of this machine's time")
	f.StringVar((*string)(&e.Cut), "cut", string(e.Cut), "effect: drop the connection before-head, after-head or in-body")
	f.Int64Var(&e.CutAfter, "cut-after", e.CutAfter, "effect: send this many bytes of the body before (default half of it)")
	f.Int64Var(&e.LengthOff, "length-off", e.LengthOff, "effect: be wrong in Content-Length by so many bytes")
	f.IntVar(&e.SlowBytes, "slow-bytes", e.SlowBytes, "effect: send so many bytes of the body at once,")
	f.Var((*span)(&e.SlowEvery), "slow-every", "effect: and as many after each span of this machine's time")
	f.BoolVar(&e.Stale, "stale", e.Stale, "effect: reads see the world as it is when the rule is added")
	f.BoolVar(&e.RolesPending, "roles-pending", e.RolesPending, "effect: no role assignment has taken effect yet")

	f.IntVar(&r.Times, "times", r.Times, "end: after it acted so often")
	f.Var((*span)(&r.For), "for", "end: after a span of the world's time")
	f.Var((*instant)(&r.Until), "until", "end: at an instant of the world's time")
}

// unsaidFlag refuses a flag that is given and says nothing, as the control API refuses such a
// member: --identity "$ID" with no ID does not mean everybody.
func unsaidFlag(f *pflag.FlagSet) error {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	ruleFlags(own, new(fault.Rule))
	var err error
	own.VisitAll(func(flag *pflag.Flag) {
		given := f.Lookup(flag.Name)
		if err == nil && flag.NoOptDefVal == "" && given.Changed && given.Value.String() == flag.DefValue {
			err = fmt.Errorf("--%s says nothing with this value: leave it out, or give another", flag.Name)
		}
	})
	return err
}

// ruleText is a rule as the flags that add it.
func ruleText(r fault.Rule) string {
	var shown fault.Rule
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.SortFlags = false
	ruleFlags(f, &shown)
	shown = r
	var words []string
	f.VisitAll(func(flag *pflag.Flag) {
		switch value := flag.Value.String(); {
		case value == flag.DefValue:
		case flag.NoOptDefVal != "": // a switch
			words = append(words, "--"+flag.Name)
		default:
			words = append(words, "--"+flag.Name, word(value))
		}
	})
	return strings.Join(words, " ")
}

// word quotes a value where a shell would take it apart.
func word(value string) string {
	if strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.:,+@%=") == "" {
		return value
	}
	return strconv.Quote(value)
}
