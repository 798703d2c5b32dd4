package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// mainVariable marks a process that Main has started.
const mainVariable = "LINARITE_MAIN"

// resolvConf is the resolver of a sealed world.
const resolvConf = "nameserver 127.0.0.1\n"

// Main runs the tests of a package inside a sealed world, so that even code that takes no
// transport meets this world instead of Azure: 169.254.169.254 answers, Azure's names
// resolve, certificates are trusted, nothing leaves. It does not return.
//
//	func TestMain(m *testing.M) { emulator.Main(m) }
//
// The test binary starts itself again in the world; the first process serves it. The world
// is the starter world tutorial unless an option says otherwise, and all tests of the
// package share it. Its control API is at the URL in LINARITE_URL.
//
// The cache of go test does not see a world file that an option names, as it is read before
// the tests run: let a test read the file too, or use -count=1 after changing it.
//
// Sealed worlds need Linux. Elsewhere, or where the kernel forbids them, Main says so and
// ends with status 1.
func Main(m interface{ Run() int }, opts ...Option) {
	sandbox.Child()
	if sealed() {
		os.Exit(m.Run())
	}
	os.Exit(runSealed(os.Stderr, opts))
}

// Sealable tells why no sealed world can be made here, nil where one can: for packages that
// would rather pass their tests over than fail. Call it first thing in TestMain.
//
//	func TestMain(m *testing.M) {
//		if err := emulator.Sealable(); err != nil {
//			fmt.Println("not run:", err)
//			return
//		}
//		emulator.Main(m)
//	}
func Sealable() error {
	sandbox.Child()
	if sealed() {
		return nil
	}
	for _, f := range sandbox.Check() {
		if f.Name == sandbox.WorldFinding && !f.OK {
			return errors.New("no sealed world: " + f.Why)
		}
	}
	return nil
}

// sealed tells whether this process is in the world that Main made for it. The variable
// alone is not enough: without a world the tests would ask the real services.
func sealed() bool {
	resolver, err := os.ReadFile("/etc/resolv.conf")
	return os.Getenv(mainVariable) != "" && err == nil && bytes.Equal(resolver, []byte(resolvConf))
}

func runSealed(out io.Writer, opts []Option) int {
	var o Options
	for _, opt := range opts {
		opt(&o)
	}
	status, err := sealSelf(o)
	if err == nil {
		return status.Code
	}
	report(out, err)
	return 1
}

// report says why no test was run, and what to do.
func report(out io.Writer, err error) {
	fmt.Fprintf(out, "emulator.Main: %v\n", err)
	if _, ok := errors.AsType[*sandbox.Error](err); !ok {
		return
	}
	fmt.Fprint(out, `No test of this package was run: they would have asked the real services. Run them on Linux, or in a Linux container
that may make namespaces (docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined …). Or
give the clients under test emulator.New(t).Client() as their transport, which works everywhere.
`)
}

func sealSelf(o Options) (sandbox.ExitStatus, error) {
	self, err := os.Executable()
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	e, err := Open(o)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	defer e.Close()
	return e.Seal(context.Background(), SealOptions{
		Command: append([]string{self}, os.Args[1:]...), Environ: append(os.Environ(), mainVariable+"=1"),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}
