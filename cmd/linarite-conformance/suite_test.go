package main

import (
	"flag"
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance"
	"github.com/linarite/linarite/conformance/report"
)

// The flags of a run by the ginkgo command, which has several processes:
//
//	ginkgo -p --procs=4 ./cmd/linarite-conformance -- -target emulator -report out
var (
	suiteTarget = flag.String("target", "emulator", "name of a target or a target file")
	suiteReport = flag.String("report", "", "folder for the report")
	suiteCloud  = flag.String("cloud", "", "cloud of an emulator")
)

// TestMain leaves the other tests of this folder out of the processes that the ginkgo command starts.
func TestMain(m *testing.M) {
	flag.Parse()
	if config, _ := ginkgo.GinkgoConfiguration(); config.ParallelTotal > 1 {
		if err := flag.Set("test.run", "^TestConformance$"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestConformance is the whole suite as a Go test, and what `make conformance` runs in several
// processes. On the emulator rules of every level decide.
func TestConformance(t *testing.T) {
	f := flags{target: *suiteTarget, cloud: *suiteCloud, report: *suiteReport, strict: true}
	config, err := f.config()
	if err != nil {
		t.Fatal(err)
	}
	if *suiteReport != "" {
		if err := report.Ready(*suiteReport); err != nil {
			t.Fatal(err)
		}
	}
	prepared, err := conformance.Prepare(config)
	if err != nil {
		t.Fatal(err)
	}
	prepared.Hang()
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "conformance of "+config.Target.Name)
}
