package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
)

// detachedFile, in the home folder, says which world goes on in the background.
const detachedFile = "detached.json"

// detachedFlag names that file to the background process.
const detachedFlag = "detached-file"

// detach starts the same command again without --detach, in a session of its own, and
// returns once it answers.
func detach(cmd *cobra.Command, f serveFlags) error {
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	state := filepath.Join(home.Dir, detachedFile)
	if old, err := readReady(state); err == nil && alive(old.PID) {
		return fmt.Errorf("a detached world is at %s already: end it by linarite stop", old.URL)
	}
	_ = os.Remove(state)
	logFile, err := os.OpenFile(filepath.Join(home.Dir, "detached.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return inHome(err)
	}
	defer logFile.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), func(a string) bool { return a == "--detach" || strings.HasPrefix(a, "--detach=") })
	child := exec.Command(self, append(args, "--detach=false", "--"+detachedFlag, state)...)
	child.Stdout, child.Stderr, child.SysProcAttr = logFile, logFile, ownSession()
	if err := child.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			said, _ := os.ReadFile(logFile.Name())
			failure := errors.New(strings.TrimPrefix(strings.TrimSpace(string(said)), "linarite: "))
			if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == exitUsage {
				return fmt.Errorf("%w: %w", emulator.ErrUsage, failure)
			}
			return failure
		case <-cmd.Context().Done():
			return errors.Join(cmd.Context().Err(), child.Process.Kill())
		case <-tick.C:
			if info, err := readReady(state); err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s (process %d, log %s)\n", info.URL, info.PID, logFile.Name())
				return nil
			}
		}
	}
}

func readReady(path string) (readyInfo, error) {
	var info readyInfo
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &info)
	}
	return info, err
}

func newStop() *cobra.Command {
	return &cobra.Command{
		Use:     "stop",
		Short:   "End the world that serve --detach started",
		Example: "  linarite stop",
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := homeDir(cmd)
			if err != nil {
				return err
			}
			path := filepath.Join(dir, detachedFile)
			info, err := readReady(path)
			if err != nil || !alive(info.PID) {
				_ = os.Remove(path)
				return errors.New("no detached world is running: linarite serve --detach starts one")
			}
			if err := terminate(info.PID); err != nil {
				return fmt.Errorf("process %d: %w", info.PID, err)
			}
			for range 250 {
				if !alive(info.PID) {
					fmt.Fprintln(cmd.OutOrStdout(), "ended "+info.URL)
					return nil
				}
				time.Sleep(20 * time.Millisecond)
			}
			return fmt.Errorf("process %d does not end: kill it yourself", info.PID)
		},
	}
}

func newStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Say whether a world answers, which, and which others there are beside it",
		Example: "  linarite status",
		RunE:    status,
	}
	addURL(cmd)
	return cmd
}

// status says which world answers, and which others there are beside it.
func status(cmd *cobra.Command, _ []string) error {
	c := control(cmd)
	var health struct{ Version, World, Cloud, Time string }
	at, err := c.getJSON("health", &health)
	if err != nil {
		return err
	}
	var list struct {
		Worlds []struct{ Name string }
	}
	if _, err := c.getJSON("worlds", &list); err != nil {
		return err
	}
	var others []string
	for _, w := range list.Worlds {
		if w.Name != health.World {
			others = append(others, w.Name)
		}
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s serves the world %s in the %s cloud; it is %s there (Linarite %s)\n", at, health.World, health.Cloud, health.Time, health.Version)
	if len(others) > 0 {
		fmt.Fprintf(out, "other worlds there: %s\n", strings.Join(others, ", "))
	}
	return nil
}

func addURL(cmd *cobra.Command) {
	cmd.Flags().String("url", emulator.DefaultURL, "front door of the running world, with a user for another world or machine\n(http://WORLD.MACHINE@127.0.0.1:4280; MACHINE alone, or WORLD. with its dot)")
}
