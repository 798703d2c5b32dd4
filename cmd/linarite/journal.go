package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/journal"
)

type journalFlags struct {
	follow, refused                              bool
	plane, operation, principal, machine, status string
	text, har                                    string
	limit                                        int
}

func newJournal() *cobra.Command {
	var f journalFlags
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "List what was asked of the world, and what was answered",
		Long: `List what was asked of the world, and what was answered: number, time by the world's
clock, status, plane, method, URL, who asked, and the code of a refusal. No token,
signature or secret is in it. linarite explain NUMBER says more about one request.`,
		Example: `  linarite journal -n 20
  linarite journal -f --plane blob --refused
  linarite journal --json --status 403 | jq .decision
  linarite journal --har world.har`,
		RunE: func(cmd *cobra.Command, _ []string) error { return showJournal(cmd, f) },
	}
	fl := cmd.Flags()
	fl.BoolVarP(&f.follow, "follow", "f", false, "go on with what comes, until Ctrl-C")
	fl.StringVar(&f.plane, "plane", "", "of this plane: "+strings.Join(journalPlanes(), ", "))
	fl.StringVar(&f.operation, "operation", "", "of this operation, or of those that begin so")
	fl.StringVar(&f.principal, "principal", "", "of this caller: object id, client id or name")
	fl.StringVar(&f.machine, "machine", "", "from this machine: name or resource id")
	fl.StringVar(&f.status, "status", "", "with this status, or class of statuses: 403, 4xx")
	fl.BoolVar(&f.refused, "refused", false, "refusals alone")
	fl.StringVar(&f.text, "text", "", "with this in the URL, the code, the message or the rules")
	fl.IntVarP(&f.limit, "limit", "n", 0, "the newest N alone (default all that are kept)")
	fl.StringVar(&f.har, "har", "", "write an HTTP Archive to this file instead, - for standard output")
	addJSON(cmd)
	addURL(cmd)
	complete(cmd, "plane", journalPlanes()...)
	return cmd
}

// journalPlanes are the planes whose exchanges are kept: those that faults are about, and
// the front, which refuses what is for none of them.
func journalPlanes() []string { return append(fault.Planes(), "dfs", "web", "front") }

func showJournal(cmd *cobra.Command, f journalFlags) error {
	query, err := f.query(cmd)
	if err != nil {
		return usage(err)
	}
	wait := answerTime
	if f.follow {
		wait = 0 // the first entry may be long in coming
	}
	resp, err := control(cmd).open(http.MethodGet, "journal?"+query.Encode(), nil, wait)
	if err != nil {
		return f.ended(cmd, err)
	}
	defer resp.Body.Close()
	switch {
	case f.har != "":
		return writeHAR(cmd.OutOrStdout(), f.har, resp.Body)
	case wantsJSON(cmd):
		_, err = io.Copy(cmd.OutOrStdout(), resp.Body)
	default:
		err = printEntries(cmd.OutOrStdout(), resp.Body)
	}
	return f.ended(cmd, err)
}

// ended says how it ended: what is followed has no end but the world's, or the user's, who
// means no failure.
func (f *journalFlags) ended(cmd *cobra.Command, err error) error {
	if !f.follow {
		return err
	}
	select {
	case <-cmd.Context().Done():
		return nil
	default:
	}
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the world has ended")
	}
	return err
}

// query checks the flags and puts them as the control API takes them.
func (f *journalFlags) query(cmd *cobra.Command) (url.Values, error) {
	if f.har != "" && (f.follow || wantsJSON(cmd)) {
		return nil, errors.New("--har writes one file with an end: leave out -f and --json")
	}
	q := url.Values{}
	for name, value := range map[string]string{"plane": f.plane, "operation": f.operation, "principal": f.principal, "machine": f.machine, "text": f.text} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.plane != "" && !containsFold(journalPlanes(), f.plane) {
		return nil, fmt.Errorf("--plane %s: want one of %s", f.plane, strings.Join(journalPlanes(), ", "))
	}
	if f.status != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.ToLower(f.status), "xx"))
		if err != nil || !(n >= 1 && n <= 5 || n >= 100 && n <= 599 && len(f.status) == 3) {
			return nil, fmt.Errorf("--status %s: want a status such as 403, or a class of them such as 4xx", f.status)
		}
		q.Set("status", strconv.Itoa(n))
	}
	if f.refused {
		q.Set("refused", "true")
	}
	if f.limit < 0 || f.limit == 0 && cmd.Flags().Changed("limit") {
		return nil, fmt.Errorf("-n %d: want how many, from 1", f.limit)
	}
	if f.limit > 0 {
		q.Set("limit", strconv.Itoa(f.limit))
	}
	if f.follow {
		q.Set("follow", "true")
	}
	if f.har != "" {
		q.Set("format", "har")
	}
	return q, nil
}

func containsFold(list []string, want string) bool {
	for _, s := range list {
		if strings.EqualFold(s, want) {
			return true
		}
	}
	return false
}

// writeHAR writes a file whole or not at all.
func writeHAR(out io.Writer, path string, archive io.Reader) error {
	if path == "-" {
		_, err := io.Copy(out, archive)
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // names and data of a world are nobody else's
	if err != nil {
		return fmt.Errorf("--har: %w", err)
	}
	_, err = io.Copy(f, archive)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// printEntries writes each entry as soon as it comes.
func printEntries(out io.Writer, lines io.Reader) error {
	decoder := json.NewDecoder(lines)
	for {
		var line struct {
			journal.Entry
			Missed uint64 `json:"missed"`
		}
		switch err := decoder.Decode(&line); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		text := entryLine(&line.Entry)
		if line.Missed > 0 {
			text = fmt.Sprintf("       … %d more, which the journal dropped before they were read", line.Missed)
		}
		if _, err := fmt.Fprintln(out, text); err != nil {
			return err
		}
	}
}

func entryLine(e *journal.Entry) string {
	line := fmt.Sprintf("%5d  %s  %d  %-5s  %-6s %s", e.Seq, e.Time.UTC().Format(time.RFC3339), e.Status, e.Plane, e.Method, e.URL)
	machine := e.Machine[strings.LastIndexByte(e.Machine, '/')+1:]
	for _, who := range []string{e.PrincipalName, e.Principal, machine} {
		if who != "" {
			line += "  " + printable(who)
			break
		}
	}
	if e.Code != "" {
		line += "  " + e.Code
	}
	if e.Fault != "" {
		line += "  (fault " + e.Fault + ")"
	}
	return line
}

// printable takes out of a name what would move a terminal's cursor.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
}
