package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpproxy"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/env"
)

type serveFlags struct {
	worldFlags
	serve emulator.ServeOptions
	// callers are who beyond this host may use the control API.
	callers   []string
	maxWorlds int
	data      string
	log       string
	readyFile string
	detach    bool
	// detachedFile is a second ready file, by which linarite stop finds the world.
	detachedFile string
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a world on this machine's loopback addresses",
		Example: `  linarite serve
  linarite serve --world ./my-world.yaml --cloud china
  linarite serve --data ./kept
  linarite serve --add-address --imds-address 169.254.169.254:80 --https-address 169.254.169.254:443 --dns-address 169.254.169.254:53
  linarite serve --port 0 --https-port 0 --blob-port 0 --ready-file /tmp/linarite.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.detach {
				return detach(cmd, f)
			}
			return serve(cmd, f)
		},
	}
	f.worldFlags.add(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.serve.Port, "port", emulator.DefaultPort, "front door: HTTP and forward proxy (0: any free port, -1: none)")
	fl.IntVar(&f.serve.HTTPSPort, "https-port", emulator.DefaultHTTPSPort, "HTTPS, for every served name (0: any free port, -1: none)")
	fl.IntVar(&f.serve.BlobPort, "blob-port", emulator.DefaultBlobPort, "Blob storage by http, the account in the path (0: any free port, -1: none)")
	fl.IntVar(&f.serve.QueuePort, "queue-port", 0, "Queue storage's service properties likewise (0: one above --blob-port, or as it is, -1: none)")
	fl.IntVar(&f.serve.TablePort, "table-port", 0, "Table storage's service properties likewise (0: two above --blob-port, or as it is, -1: none)")
	fl.StringVar(&f.serve.Host, "host", "127.0.0.1", "address to listen on; beyond loopback, who reaches it is the machine with the caller's address, or --vm's")
	fl.StringVar(&f.serve.IMDSAddress, "imds-address", "", "IP:port that answers as the metadata service, such as 169.254.169.254:80")
	fl.StringVar(&f.serve.HTTPSAddress, "https-address", "", "IP:port for HTTPS beside --https-port, such as 169.254.169.254:443")
	fl.StringVar(&f.serve.DNSAddress, "dns-address", "", "IP:port of a name server for Azure's names, such as 169.254.169.254:53; it asks nobody")
	fl.StringVar(&f.serve.DNSAnswer, "dns-answer", "", "IP address that Azure's names resolve to (default: that of --imds-address, else of --dns-address)")
	fl.BoolVar(&f.serve.DNSPartial, "dns-partial", false, "the name server refuses other names, so that resolvers ask their next one, instead of denying them")
	fl.BoolVar(&f.serve.AddAddress, "add-address", false, "give these addresses to the loopback interface first (Linux, with the capability NET_ADMIN)")
	fl.StringVar(&f.serve.CAFile, "ca-file", "", "file to write the certificate to that clients are to trust, for other containers")
	fl.StringSliceVar(&f.callers, "control-from", nil, "callers beyond this host that may use the control API and begin worlds: addresses, networks, gateway (the host of a container), any")
	fl.BoolVar(&f.serve.Offline, "offline", false, "the proxy refuses hosts outside Azure too, except on loopback")
	fl.IntVar(&f.maxWorlds, "max-worlds", emulator.DefaultMaxWorlds, "how many worlds may begin beside the served one, by the user of a proxy (0: none)")
	fl.BoolVar(&f.serve.AskUser, "ask-user", false, "the proxy asks who names no world or machine (407), as Java and .NET want to be asked")
	fl.StringVar(&f.data, "data", "", "folder that keeps the world: every change is on its disk before it is acknowledged;\nwhat it holds already wins over --world")
	fl.StringVar(&f.log, "log", "text", "request log on standard error: text, json or none")
	fl.StringVar(&f.readyFile, "ready-file", "", "file to write once the world answers: JSON with url, httpsUrl, blobUrl and pid")
	fl.BoolVar(&f.detach, "detach", false, "go on in the background; see linarite stop and linarite status")
	fl.StringVar(&f.detachedFile, detachedFlag, "", "")
	_ = fl.MarkHidden(detachedFlag) // fails for a flag that is not there
	return cmd
}

func serve(cmd *cobra.Command, f serveFlags) (err error) {
	logger, err := newLogger(f.log, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	o, err := f.options(home)
	if err != nil {
		return err
	}
	o.Log = logger
	o.Data, o.MaxWorlds = f.data, f.maxWorlds
	if f.maxWorlds <= 0 {
		o.MaxWorlds = -1
	}
	upstream := httpproxy.FromEnvironment()
	f.serve.Chain = upstream.ProxyFunc()
	if o.ControlFrom, err = emulator.Callers(f.callers); err != nil {
		return err
	}
	emu, err := emulator.Open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, emu.Close()) }()
	server, err := emu.Serve(f.serve)
	if err != nil {
		return err
	}
	var written []string
	for _, path := range []string{f.readyFile, f.detachedFile} {
		if path == "" {
			continue
		}
		if err := ready(path, server); err != nil {
			removeAll(written)
			_ = server.Close()
			return err
		}
		written = append(written, path)
	}
	by := ""
	if !f.serve.Offline {
		others := slices.DeleteFunc(env.Proxies(upstream.HTTPProxy, upstream.HTTPSProxy), func(at string) bool { return at == server.URL })
		by = strings.Join(others, ", ")
	}
	greet(cmd.OutOrStdout(), emu, server, greeted{!f.noControl, by, o.DevAccounts})
	return untilDone(cmd.Context(), emu, server, written)
}

func removeAll(paths []string) {
	for _, path := range paths {
		_ = os.Remove(path)
	}
}

// untilDone waits for the end, and takes the ready files away before the sockets. It closes
// the world with them, so that those who follow its journal see an end and no broken line.
func untilDone(ctx context.Context, emu *emulator.Emulator, server *emulator.Server, readyFiles []string) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-server.Failed():
	}
	removeAll(readyFiles)
	if closing := emu.Close(); err == nil {
		err = closing
	}
	return err
}

func newLogger(format string, out io.Writer) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(out, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(out, nil)), nil
	case "none":
		return nil, nil
	}
	return nil, fmt.Errorf("%w: --log %s: there are text, json and none", emulator.ErrUsage, format)
}

// readyInfo is the content of a ready file.
type readyInfo struct {
	URL      string `json:"url"`
	HTTPSURL string `json:"httpsUrl,omitempty"`
	BlobURL  string `json:"blobUrl,omitempty"`
	QueueURL string `json:"queueUrl,omitempty"`
	TableURL string `json:"tableUrl,omitempty"`
	IMDS     string `json:"imds,omitempty"`
	DNS      string `json:"dns,omitempty"`
	PID      int    `json:"pid"`
}

// ready writes the file in one step, so that whoever sees it sees all of it.
func ready(path string, s *emulator.Server) error {
	data, err := json.Marshal(readyInfo{s.URL, s.HTTPSURL, s.BlobURL, s.QueueURL, s.TableURL, s.IMDS, s.DNS, os.Getpid()})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return fmt.Errorf("--ready-file: %w", err)
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(append(data, '\n')); err == nil {
		err = tmp.Close()
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("--ready-file: %w", err)
	}
	return nil
}

const greeting = `Linarite {{.Version}} serves the world {{.World}} in the {{.Cloud}} cloud{{if .Machine}}; callers are on {{.Machine}}{{end}}.
{{if .URL}}
  front door     {{.URL}}  (HTTP, forward proxy)
{{- end}}{{if .HTTPS}}
  TLS by name    {{.HTTPS}}
{{- end}}{{if .Blob}}
  blob by path   {{.Blob}}/{account}
{{- end}}{{if .Accounts}}
  its accounts   {{.Accounts}} (AZURITE_ACCOUNTS), in place of devstoreaccount1
{{- end}}{{if .IMDS}}
  metadata       {{.IMDS}}
{{- end}}{{if .By}}
  other hosts    by the proxy {{.By}}
{{- end}}{{if .DNS}}
  names          {{.DNS}}
{{- end}}
{{if and .URL (or .Machine .Control)}}
Paste next, in another terminal:
{{if not .Machine}}
  eval "$(linarite env{{.Flag}})"
  linarite status{{.Flag}}
{{- else if .Control}}
  eval "$(linarite env{{.Flag}})"
  curl -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource={{.Resource}}'
{{- else}}
  curl -x {{.URL}} -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource={{.Resource}}'
{{- end}}
{{end}}
Ctrl-C ends it.
`

func machineName(emu *emulator.Emulator) string {
	if m := emu.Machine(); m != nil {
		return m.Name()
	}
	return ""
}

// greeted is what the greeting says beside what is served.
type greeted struct {
	control bool
	// by is the proxy that other hosts are reached by.
	by string
	// accounts take the place of devstoreaccount1.
	accounts []emulator.DevAccount
}

func greet(out io.Writer, emu *emulator.Emulator, s *emulator.Server, g greeted) {
	var accounts []string
	for _, a := range g.accounts {
		accounts = append(accounts, a.Name)
	}
	flag := ""
	if s.URL != emulator.DefaultURL {
		flag = " --url " + s.URL
	}
	_ = template.Must(template.New("").Parse(greeting)).Execute(out, map[string]any{
		"Control": g.control, "By": g.by, "Accounts": strings.Join(accounts, ", "),
		"Version": version(), "Machine": machineName(emu), "World": emu.Name(), "Cloud": emu.Cloud().Name, "URL": s.URL, "HTTPS": s.HTTPSURL, "Blob": s.BlobURL, "IMDS": s.IMDS, "DNS": s.DNS,
		"Flag": flag, "Resource": strings.NewReplacer(":", "%3A", "/", "%2F").Replace(strings.TrimSuffix(emu.Cloud().ARM.Endpoint, "/") + "/"),
	})
}
