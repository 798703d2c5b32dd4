package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is the size of the file system that the world is kept on, in bytes.
const smallDisk = 3 << 20

// A disk that is full makes changes refused, in words and with a status that says later;
// what is there is served on, is whole after a kill, and takes changes when there is space.
// The disk is a small file system in a mount namespace of the program's own.
func TestFullDisk(t *testing.T) {
	home, data := t.TempDir(), t.TempDir()
	s := startOnSmallDisk(t, home, data)
	c := s.client
	if err := os.WriteFile(filepath.Join(s.root(), data, "ballast"), make([]byte, smallDisk/3), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	put := func(name string, size int) keptAnswer {
		head := "content of " + name + " "
		content := strings.Repeat(head, 1+size/len(head))
		a := c.blob("PUT", "/files/"+name, content, "x-ms-blob-type: BlockBlob")
		if a.status == 201 {
			kept[name] = content
		}
		return a
	}
	var refusal keptAnswer
	for i := 0; refusal.status == 0; i++ {
		if i > smallDisk>>10 {
			t.Fatal("the disk takes more than there is")
		}
		if a := put(fmt.Sprint("blob", i), 1+i%3*60<<10); a.status != 201 { // with its commit, and before it
			refusal = a
		}
	}
	if want := "could not keep this change, and so has not made it: the disk that holds " + data + "/world.db is full: free some space, then try again"; refusal.status != 503 ||
		refusal.header.Get("x-ms-error-code") != "ServerBusy" || !strings.Contains(refusal.body, want) {
		t.Fatalf("%d %s %v, want 503 ServerBusy with %q", refusal.status, refusal.body, refusal.err, want)
	}
	fill(t, filepath.Join(s.root(), data, "filler"))
	refused := map[string]bool{}
	for what, write := range map[string]func(n int) keptAnswer{
		"/files/large": func(n int) keptAnswer { return put(fmt.Sprint("large", n), 200<<10) },
		"/files/small": func(n int) keptAnswer { return put(fmt.Sprint("small", n), 1) },
		"secret":       func(n int) keptAnswer { return c.vault("PUT", fmt.Sprint("/secrets/full", n), `{"value":"v"}`) },
		"group": func(n int) keptAnswer {
			return c.arm("PUT", fmt.Sprint("/resourceGroups/full", n, "?api-version=2021-04-01"), `{"location":"westus"}`)
		},
	} {
		// Until pages of the database that are free by now are used up too.
		for n := 0; ; n++ {
			if n > smallDisk>>10 {
				t.Fatalf("%s: the disk takes more than there is", what)
			}
			a := write(n)
			if a.status == 200 || a.status == 201 {
				continue
			}
			if a.status != 503 || !strings.Contains(a.body, "is full: free some space") {
				t.Errorf("%s on a full disk: %d %s %v", what, a.status, a.body, a.err)
			}
			refused[fmt.Sprint(what, n)] = true
			break
		}
	}
	check := func(c *keptClient) {
		t.Helper()
		for name, content := range kept {
			if a := c.blob("GET", "/files/"+name, ""); a.status != 200 || a.body != content {
				t.Errorf("%s: %d, %d bytes, want %d", name, a.status, len(a.body), len(content))
			}
		}
		for name := range refused {
			if a := getAnything(c, name); a.status != 404 {
				t.Errorf("%s, which was refused: %d %s", name, a.status, a.body)
			}
		}
	}
	check(c)
	saved := c.do("POST", c.info.URL+controlPath+"save", `{"dir":"`+data+`/saved"}`, http.Header{"Content-Type": {"application/json"}})
	if saved.status != 503 || !strings.Contains(saved.body, "no space left on device") {
		t.Errorf("saving the state on a full disk: %d %s %v", saved.status, saved.body, saved.err)
	}

	// Another program takes over the full disk: what is there is all there.
	disk := s.killKeepingDisk(t)
	s = startInNamespace(t, home, data, disk)
	check(s.client)
	for _, name := range []string{"filler", "ballast"} {
		if err := os.Remove(filepath.Join(s.root(), data, name)); err != nil {
			t.Fatal(err)
		}
	}
	c = s.client
	for _, name := range []string{"small", "large"} {
		if a := put(name, 200<<10); a.status != 201 {
			t.Errorf("%s, when there is space: %d %s", name, a.status, a.body)
		}
	}
	if a := c.vault("PUT", "/secrets/full", `{"value":"v"}`); a.status != 200 {
		t.Errorf("secret, when there is space: %d %s", a.status, a.body)
	}
	s.end(t)
	s = startInNamespace(t, home, data, disk)
	for name, content := range kept {
		if a := s.client.blob("GET", "/files/"+name, ""); a.body != content {
			t.Errorf("%s: %d, %d bytes, want %d", name, a.status, len(a.body), len(content))
		}
	}
	s.end(t)
}

// getAnything gets a blob by its path, a secret or a group by what begins its name.
func getAnything(c *keptClient, what string) keptAnswer {
	if name, ok := strings.CutPrefix(what, "secret"); ok {
		return c.vault("GET", "/secrets/full"+name, "")
	}
	if name, ok := strings.CutPrefix(what, "group"); ok {
		return c.arm("GET", "/resourceGroups/full"+name+"?api-version=2021-04-01", "")
	}
	return c.blob("GET", what, "")
}

// onDisk is a program whose data folder is on the small disk of a namespace.
type onDisk struct {
	*keptServe
	disk *exec.Cmd
}

// root is the file system as the program sees it.
func (s *onDisk) root() string { return fmt.Sprintf("/proc/%d/root", s.disk.Process.Pid) }

// startOnSmallDisk makes the disk, held by a process that outlives the program.
func startOnSmallDisk(t *testing.T, home, data string) *onDisk {
	t.Helper()
	for _, name := range []string{"mount", "nsenter", "sh"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("missing: the program " + name)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	disk := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf(`mount -t tmpfs -o size=%d none "$0" && echo mounted && exec cat`, smallDisk), data)
	disk.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	hold, err := disk.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := disk.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.Start(); err != nil {
		t.Skip("no mount namespace can be made here: ", err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		_ = disk.Wait()
	})
	line := make([]byte, len("mounted\n"))
	if _, err := out.Read(line); err != nil {
		t.Skip("no file system can be mounted here")
	}
	return startInNamespace(t, home, data, disk)
}

// startInNamespace starts the program where the disk is mounted.
func startInNamespace(t *testing.T, home, data string, disk *exec.Cmd) *onDisk {
	t.Helper()
	s := startKeptBy(t, home, data, func(cmd *exec.Cmd) {
		nsenter, err := exec.LookPath("nsenter")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Args = append([]string{"nsenter", fmt.Sprintf("--mount=/proc/%d/ns/mnt", disk.Process.Pid), "--", cmd.Path}, cmd.Args[1:]...)
		cmd.Path = nsenter
	})
	return &onDisk{s, disk}
}

// fill takes what is left of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// killKeepingDisk kills the program alone.
func (s *onDisk) killKeepingDisk(t *testing.T) *exec.Cmd {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait()
	return s.disk
}
