package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// attachDefault is --attach without a value.
const attachDefault = "LINARITE_URL"

// attach runs the command in the world of a running server.
func attach(cmd *cobra.Command, f runFlags, o emulator.SealOptions) error {
	c, err := f.server(cmd)
	if err != nil {
		return err
	}
	to, w, err := f.attached(c)
	if err != nil {
		return err
	}
	theirs := theirJournal{c: c, machine: w.Machine}
	if err := theirs.begin(); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return errors.New("ended before the command began")
	}
	ctx := context.WithoutCancel(cmd.Context())
	status, err := f.sealOr(o,
		func() (sandbox.ExitStatus, error) { return to.Seal(ctx, o) },
		func() (sandbox.ExitStatus, error) { return to.Beside(ctx, o, w.IdentityHeader) })
	return f.ended(status, err, func() { explainRefusals(cmd.ErrOrStderr(), theirs) })
}

// server is the client of the server that --attach names, in the world and on the machine
// that the other flags do.
func (f runFlags) server(cmd *cobra.Command) (client, error) {
	for _, name := range []string{"no-well-known", "no-control"} {
		if cmd.Flags().Changed(name) {
			return client{}, fmt.Errorf("%w: --%s and --attach: it is linarite serve that takes --%s", emulator.ErrUsage, name, name)
		}
	}
	given := f.attach
	if given == attachDefault || given == "" {
		if given = os.Getenv("LINARITE_URL"); given == "" {
			given = emulator.DefaultURL
		}
	}
	c := clientOf(cmd, given, "--attach")
	if c.err != nil {
		return c, c.err
	}
	if !strings.HasPrefix(c.base, "http://") {
		return c, fmt.Errorf("%w: --attach %s: name the front door, by http, as in %s", emulator.ErrUsage, given, emulator.DefaultURL)
	}
	place := envFlags{machine: f.machine}
	if cmd.Flags().Changed("world") {
		place.world = f.world
	}
	if strings.ContainsAny(place.world, `./\`) {
		return c, fmt.Errorf("%w: --world %s: with --attach it is the name of a world of the server's, not a file: give the file to linarite serve", emulator.ErrUsage, place.world)
	}
	if user := place.user(); user != "" {
		if c.user != "" {
			return c, fmt.Errorf("%w: --attach says %q already: leave --world and --vm out, or the user of the URL", emulator.ErrUsage, c.user)
		}
		c.user = user
	}
	return c, nil
}

// attached asks the server what a sealed world beside it needs to know, and returns
// what it says of the way there too.
func (f runFlags) attached(c client) (a emulator.Attached, w way, err error) {
	if _, err := c.getJSON("way", &w); err != nil {
		if strings.HasPrefix(err.Error(), "nothing answers") {
			err = fmt.Errorf("nothing answers at %s: start linarite serve there, or name another by --attach=URL", c.base)
		}
		if said := new(refusal); errors.As(err, &said) && said.status < http.StatusInternalServerError {
			err = usage(err) // no such machine, no such world
		}
		return a, w, err
	}
	if f.cloud != "" {
		wanted, ok := cloud.ByName(f.cloud)
		if !ok || wanted.CLIName != w.CLICloud {
			return a, w, fmt.Errorf("%w: --cloud %s: the server at %s is of %s: leave --cloud out, or start another linarite serve", emulator.ErrUsage, f.cloud, c.base, w.CLICloud)
		}
	}
	authority, err := c.control("ca.pem")
	if err != nil {
		return a, w, err
	}
	u, err := url.Parse(c.base)
	if err != nil {
		return a, w, err
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	a = emulator.Attached{Proxy: net.JoinHostPort(u.Hostname(), port), User: undotted(c.user), Authority: authority, CLICloud: w.CLICloud}
	if w.Machine != "" {
		a.Machine = path.Base(w.Machine) // of its resource id
	}
	return a, w, nil
}

// theirJournal is that of a world with others in it: what came from the command's machine
// while it ran counts.
type theirJournal struct {
	c       client
	machine string
	before  uint64 // number of the newest entry before the command
}

// begin notes how far the journal has come.
func (j *theirJournal) begin() error {
	newest, err := j.entries(url.Values{"limit": {"1"}})
	for _, e := range newest {
		j.before = e.Seq
	}
	return err
}

func (j theirJournal) refused() []journal.Entry {
	q := url.Values{"refused": {"true"}, "after": {strconv.FormatUint(j.before, 10)}, "machine": {j.machine}}
	list, err := j.entries(q)
	if err != nil {
		return nil // the server has gone, which the user has been told
	}
	return list
}

// entries are those of the journal that a query selects, the oldest first.
func (j theirJournal) entries(q url.Values) (list []journal.Entry, err error) {
	resp, err := j.c.open(http.MethodGet, "journal?"+q.Encode(), nil, answerTime)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	for decoder := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)); ; {
		var e journal.Entry
		switch err := decoder.Decode(&e); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return list, err
		}
		list = append(list, e)
	}
}

func (j theirJournal) explain(seq uint64) (x explain.Explanation, err error) {
	var answer struct {
		Explanation json.RawMessage `json:"explanation"`
	}
	if err := j.c.call(http.MethodGet, "explain/"+strconv.FormatUint(seq, 10), nil, &answer); err != nil {
		return x, err
	}
	return x, json.Unmarshal(answer.Explanation, &x)
}
