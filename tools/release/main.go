package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A platform is an operating system and an architecture by Go's names.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// platforms are those a release has programs for.
func platforms() []platform {
	return []platform{
		{"linux", "amd64"}, {"linux", "arm64"},
		{"darwin", "amd64"}, {"darwin", "arm64"},
		{"windows", "amd64"}, {"windows", "arm64"},
	}
}

// programs are the commands of the module that a release has.
func programs() []string { return []string{"linarite", "linarite-conformance"} }

// A release is one version of the tree at source, on its way to the folder out.
type release struct {
	source, out string
	version     string
	at          time.Time // the time of everything in it
	platforms   []platform
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	source := flags.String("source", ".", "the checkout to build")
	out := flags.String("out", "dist", "the folder to write; what an earlier run left there is removed")
	version := flags.String("version", "", "version, such as v1.2.3 (default: from the tags and commits of the checkout)")
	only := flags.String("platforms", "", "build these alone, such as linux/amd64,windows/arm64 (default: all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("no arguments are taken, but got %q; see -help", flags.Arg(0))
	}
	r := release{version: *version}
	var err error
	if r.platforms, err = choose(*only); err != nil {
		return err
	}
	if r.source, err = filepath.Abs(*source); err != nil {
		return err
	}
	if r.out, err = filepath.Abs(*out); err != nil {
		return err
	}
	if r.at, err = commitTime(ctx, r.source); err != nil {
		return err
	}
	if r.version == "" {
		r.version = treeVersion(ctx, r.source, r.at)
	}
	if err := checkVersion(r.version); err != nil {
		return err
	}
	return r.make(ctx)
}

// choose reads a list of platforms; an empty one means all.
func choose(list string) ([]platform, error) {
	if list == "" {
		return platforms(), nil
	}
	var chosen []platform
	for name := range strings.SplitSeq(list, ",") {
		found := false
		for _, p := range platforms() {
			if p.String() == name {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			return nil, fmt.Errorf("-platforms: there are no releases for %q; there are for %v", name, platforms())
		}
	}
	return chosen, nil
}

var semantic = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

// checkVersion refuses what `go install` and a package manager would not read as a version.
func checkVersion(version string) error {
	if !semantic.MatchString(version) {
		return fmt.Errorf("version %q is not of the form v1.2.3 or v1.2.3-rc.1 (https://semver.org)", version)
	}
	return nil
}

// commitTime is SOURCE_DATE_EPOCH where it is set (reproducible-builds.org), else the time of the commit, else a fixed one.
func commitTime(ctx context.Context, source string) (time.Time, error) {
	if epoch, set := os.LookupEnv("SOURCE_DATE_EPOCH"); set {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	text, err := git(ctx, source, "log", "-1", "--format=%ct")
	if err != nil { // no checkout: any time that is always the same
		text = strconv.FormatInt(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), 10)
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time of the commit: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// treeVersion is the tag of the commit, else a version after the last tag that names the commit, as Go's own tools call it.
// A tree that differs from its commit says so.
func treeVersion(ctx context.Context, source string, at time.Time) string {
	dirty := ""
	if changes, err := git(ctx, source, "status", "--porcelain"); err != nil || changes != "" {
		dirty = "+dirty"
	}
	if tag, err := git(ctx, source, "describe", "--tags", "--exact-match", "--match", "v[0-9]*"); err == nil {
		return tag + dirty
	}
	commit, err := git(ctx, source, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "v0.0.0-unknown"
	}
	base := "v0.0.0-"
	if tag, err := git(ctx, source, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"); err == nil {
		base = next(tag)
	}
	return base + at.Format("20060102150405") + "-" + commit + dirty
}

// next begins the versions between a tag and the next one: v1.2.3 gives v1.2.4-0., v1.2.3-rc.1 gives v1.2.3-rc.1.0.
func next(tag string) string {
	tag, _, _ = strings.Cut(tag, "+")
	if strings.Contains(tag, "-") {
		return tag + ".0."
	}
	front, last, _ := cutLast(tag, ".")
	n, err := strconv.Atoi(last)
	if err != nil {
		return "v0.0.0-"
	}
	return front + "." + strconv.Itoa(n+1) + "-0."
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	// safe.directory: the checkout may belong to another user, as in a container.
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.directory=" + dir, "-C", dir}, args...)...)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// make builds everything into a fresh folder, which then takes the place of the last one: what is in it is of one build.
func (r release) make(ctx context.Context) error {
	if err := r.checkOut(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.out), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(r.out), ".release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	fmt.Printf("release: %s of %s, %d platforms\n", r.version, r.at.Format(time.RFC3339), len(r.platforms))
	made := filepath.Join(work, "made")
	if err := os.Mkdir(made, 0o755); err != nil {
		return err
	}
	common, err := r.common(ctx, work)
	if err != nil {
		return err
	}
	var images []built
	for _, p := range r.platforms {
		b, err := r.build(ctx, p, filepath.Join(work, p.os+"_"+p.arch))
		if err != nil {
			return err
		}
		if err := r.pack(made, b, common); err != nil {
			return err
		}
		if p.os == "linux" {
			images = append(images, b)
		}
	}
	if len(images) > 0 {
		if err := r.image(filepath.Join(work, "layout"), made, images, common); err != nil {
			return err
		}
	}
	if err := sums(made); err != nil {
		return err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	return os.Rename(made, r.out)
}

// checkOut refuses to remove a folder that is not an earlier release.
func (r release) checkOut() error {
	entries, err := os.ReadDir(r.out)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(r.out, sumsFile)); err != nil {
		return fmt.Errorf("-out %s holds other things than a release: remove it, or name another folder", r.out)
	}
	return nil
}
