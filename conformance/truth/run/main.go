// Command run holds a served world against the truth and compares what differs with the lists of package truth.
//
//	run blob -differences FILE -table FILE -list LIST     what the replayer of Blob requests wrote
//	run blob-values -ready FILE -recordings DIR -list LIST    sends them once more, and compares values
//	run arm -ready FILE -recordings DIR -list LIST        sends the recorded requests to Resource Manager
//	run traffic -findings FILE -traffic FILE -descriptions DIR -list LIST
//	    what the validator of traffic wrote, and the traffic of Blob storage, which it cannot read
//
// With -update the list is written anew; differences that were not known have no reason then, and the list is refused
// until they have. The exit status is 0, 1 for differences, and 2 where the check could not be done.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/truth"
	"github.com/linarite/linarite/conformance/truth/armreplay"
	"github.com/linarite/linarite/conformance/truth/blobreplay"
	"github.com/linarite/linarite/conformance/truth/blobspec"
	"github.com/linarite/linarite/conformance/truth/foreign"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// flags of every check.
type flags struct {
	differences, table, ready, recordings, findings, traffic, descriptions, list string

	update bool
}

func parse(args []string, stderr io.Writer) (check string, f flags, err error) {
	if len(args) == 0 {
		return "", f, fmt.Errorf("say which check: blob, blob-values, arm or traffic")
	}
	set := flag.NewFlagSet("run "+args[0], flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.differences, "differences", "", "the differences that the replayer of Blob requests wrote")
	set.StringVar(&f.table, "table", "", "the table that it printed")
	set.StringVar(&f.ready, "ready", "", "the ready file of linarite serve")
	set.StringVar(&f.recordings, "recordings", "", "the folder of recordings")
	set.StringVar(&f.findings, "findings", "", "what the validator of traffic printed")
	set.StringVar(&f.traffic, "traffic", "", "the traffic that the SDK tests recorded")
	set.StringVar(&f.descriptions, "descriptions", "", "the folder of the published descriptions")
	set.StringVar(&f.list, "list", "", "the list of known differences")
	set.BoolVar(&f.update, "update", false, "write the list anew")
	return args[0], f, set.Parse(args[1:])
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	check, f, err := parse(args, stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	found, err := find(ctx, check, f)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	list, err := truth.Read(f.list)
	if f.update {
		if list.Check == "" {
			list.Check = "make truth"
		}
		next := list.Renew(found)
		next.Summary(stdout)
		if err := next.Write(f.list); err != nil {
			fmt.Fprintln(stderr, err)
			return 2
		}
		_, err = truth.Read(f.list)
	} else if err == nil {
		list.Summary(stdout)
		err = list.Compare(found)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// find does a check, or reads what one wrote.
func find(ctx context.Context, check string, f flags) (truth.Found, error) {
	switch check {
	case "blob":
		return foreign.Blob(f.differences, f.table)
	case "blob-values":
		target, err := armreplay.Open(ctx, f.ready)
		if err != nil {
			return truth.Found{}, err
		}
		if err := target.Reset(ctx); err != nil {
			return truth.Found{}, err
		}
		all, err := recordings.ReadAll(filepath.Join(f.recordings, "blob-azure-storage-python"))
		if err != nil {
			return truth.Found{}, err
		}
		return blobreplay.Run(ctx, target.BlobURL, all, time.Now)
	case "traffic":
		return traffic(f)
	case "arm":
		target, err := armreplay.Open(ctx, f.ready)
		if err != nil {
			return truth.Found{}, err
		}
		all, err := recordings.ReadAll(f.recordings)
		if err != nil {
			return truth.Found{}, err
		}
		all = slices.DeleteFunc(all, func(r recordings.Recording) bool { return !strings.HasPrefix(r.Name, "arm-") })
		return armreplay.Run(ctx, target, all)
	}
	return truth.Found{}, fmt.Errorf("no check %q; there are blob, blob-values, arm and traffic", check)
}

// blobVersion is the version of Blob storage that there is a description of.
const blobVersion = "2021-12-02"

func traffic(f flags) (truth.Found, error) {
	found, err := foreign.Traffic(f.findings)
	if err != nil {
		return found, err
	}
	spec, err := blobspec.Load(filepath.Join(f.descriptions, "specification/storage/data-plane/Microsoft.BlobStorage/stable", blobVersion, "blob.json"))
	if err != nil {
		return found, err
	}
	blobs, err := foreign.BlobTraffic(f.traffic, spec, blobVersion)
	if err != nil {
		return found, err
	}
	found.Differences = append(found.Differences, blobs.Differences...)
	maps.Copy(found.Scores, blobs.Scores)
	maps.Copy(found.Left, blobs.Left)
	return found, nil
}
