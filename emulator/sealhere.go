package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// hereNote is what Run says of SealOptions.Here.
const hereNote = "--here is no sealed world: 169.254.169.254 and Azure's names lead into this world, for all of this container, and the rest of its network stays as it is"

// resolverFile is where programs find their name server.
const resolverFile = "/etc/resolv.conf"

// here makes a sealed world's options those of the network namespace that this process is
// in. Call the function when the command has ended.
//
// upstream are the name servers to ask for what is not Azure's.
func (o SealOptions) here(to *sandbox.Options) (upstream []netip.AddrPort, ended func() error, err error) {
	if len(o.Publish) > 0 || len(o.Reach) > 0 {
		return nil, nil, fmt.Errorf("%w: --here shares its network with all around it: leave --publish and --reach out", ErrUsage)
	}
	giveBack, err := sandbox.TakeAddresses(to.Addresses)
	if err != nil {
		return nil, nil, err
	}
	if err := nobodyServes(); errors.Is(err, syscall.EADDRINUSE) {
		return nil, nil, err // the addresses are the other's
	} else if err != nil {
		return nil, nil, errors.Join(err, giveBack())
	}
	upstream, restore, err := useResolver(to)
	if err != nil {
		return nil, nil, errors.Join(err, giveBack())
	}
	to.Here, to.Addresses, to.Hosts, to.Hostname = true, nil, nil, "" // the container's own
	o.say("%s", hereNote)
	return upstream, func() error { return errors.Join(restore(), giveBack()) }, nil
}

// nobodyServes tells a run that was killed from one that runs.
func nobodyServes() error {
	at := net.JoinHostPort(front.IMDSHost, "80")
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", at)
	if err == nil {
		return ln.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("--here: somebody answers at %s in this container already: end that first, another run --here perhaps: %w", at, err)
	}
	return fmt.Errorf("--here: %w", err)
}

// useResolver leads names to the world's server, which asks the servers of before for what
// is not Azure's.
func useResolver(to *sandbox.Options) (upstream []netip.AddrPort, restore func() error, err error) {
	now, err := os.ReadFile(resolverFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	before, left := originalResolver(now)
	upstream = nameServers(before)
	edited := editedResolver(before)
	if sandbox.Mounts() {
		// The command alone sees it. A run that was killed may have left its own.
		to.ResolvConf = edited
		if left {
			err = overwrite(resolverFile, before)
		}
		return upstream, func() error { return nil }, err
	}
	if err := containersOwn(resolverFile); err != nil {
		return nil, nil, err
	}
	if err := overwrite(resolverFile, edited); err != nil {
		return nil, nil, errors.Join(err, overwrite(resolverFile, before))
	}
	return upstream, func() error { return overwrite(resolverFile, before) }, nil
}

// resolverMark begins a resolv.conf that a run has taken over, and resolverKept each line of
// the one before: the file itself tells how to put it back, should the run be killed.
const (
	resolverMark = "# linarite run --here has taken this file over; what it was is behind #:, and the next run puts it back\n"
	resolverKept = "#:"
)

// originalResolver is a resolv.conf without what a run that was killed has left.
func originalResolver(now []byte) (before []byte, left bool) {
	rest, left := bytes.CutPrefix(now, []byte(resolverMark))
	if !left {
		return now, false
	}
	for line := range bytes.Lines(rest) {
		if kept, ok := bytes.CutPrefix(line, []byte(resolverKept)); ok {
			before = append(before, kept...)
		}
	}
	return before, true
}

// editedResolver names the world's server in place of those of before.
func editedResolver(before []byte) []byte {
	out := []byte(resolverMark)
	var others []byte
	for line := range strings.Lines(string(before)) {
		line = strings.TrimSuffix(line, "\n") + "\n"
		out = append(out, resolverKept+line...)
		if f := strings.Fields(line); len(f) > 0 && f[0] != "nameserver" && !strings.HasPrefix(f[0], "#") && !strings.HasPrefix(f[0], ";") {
			others = append(others, line...)
		}
	}
	return append(append(out, resolvConf...), others...)
}

// nameServers are those of a resolv.conf (resolv.conf(5)).
func nameServers(file []byte) (servers []netip.AddrPort) {
	for line := range strings.Lines(string(file)) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil && a != netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
			servers = append(servers, netip.AddrPortFrom(a, 53))
		}
	}
	return servers
}

// containersOwn tells whether a file is the container's and not a machine's: it is a mount of
// its own, as container engines make it. Marks such as /.dockerenv tell less: they stay in
// machines that were made from an image.
func containersOwn(path string) error {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 4 && f[4] == path {
			return nil
		}
	}
	return fmt.Errorf("--here would have to change %s, which looks like a machine's own, as it is no mount of its own; with docker run --cap-add SYS_ADMIN nothing is changed", path)
}

// overwrite changes a file in place, because a mount cannot be renamed over.
func overwrite(path string, content []byte) error {
	return os.WriteFile(path, content, 0o644)
}
