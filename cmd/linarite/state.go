package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

func newState() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Save, load and reset the world, or keep it in memory to come back to",
		Long: `Save the world to a folder and load it, put it back to its beginning, or keep it as it
is in the memory of the serving process and come back to it.`,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "save DIR", Short: "Write the world to a folder, for people to read", Example: "  linarite state save ./saved",
			Args: cobra.ExactArgs(1), RunE: withFolder("save", "saved to"),
		},
		&cobra.Command{
			Use: "load DIR", Short: "Put the world back to a saved one", Example: "  linarite state load ./saved",
			Args: cobra.ExactArgs(1), RunE: withFolder("load", "loaded from"),
		},
		&cobra.Command{
			Use: "reset", Short: "Put the world back to what it began with", Example: "  linarite state reset",
			RunE: func(cmd *cobra.Command, _ []string) error {
				return done(cmd, control(cmd).callFor(workTime, http.MethodPost, "reset", nil, nil), "reset")
			},
		},
		&cobra.Command{
			Use: "snapshot", Short: "Keep the world as it is, in memory, and print the number by which to restore it",
			Example: "  id=$(linarite state snapshot)\n  linarite state restore $id", RunE: takeSnapshot,
		},
		&cobra.Command{
			Use: "restore ID", Short: "Put the world back to a snapshot, which stays", Example: "  linarite state restore 1",
			Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				err := control(cmd).callFor(workTime, http.MethodPost, "snapshots/"+url.PathEscape(args[0])+"/restore", nil, nil)
				return done(cmd, orListed(err, "snapshot", args[0], "linarite state snapshots"), "restored snapshot "+args[0])
			},
		},
		&cobra.Command{
			Use: "forget ID", Short: "Give up a snapshot", Example: "  linarite state forget 1",
			Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				err := control(cmd).call(http.MethodDelete, "snapshots/"+url.PathEscape(args[0]), nil, nil)
				return done(cmd, orListed(err, "snapshot", args[0], "linarite state snapshots"), "forgot snapshot "+args[0])
			},
		},
		newSnapshots(),
	)
	for _, sub := range cmd.Commands() {
		addURL(sub)
	}
	return cmd
}

// done prints what was done where nothing failed.
func done(cmd *cobra.Command, err error, what string) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), what)
	return err
}

// withFolder gives an order about a folder of this machine. The world may have another
// working folder, so it is told the whole path.
func withFolder(order, what string) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		dir, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		body := struct {
			Dir string `json:"dir"`
		}{dir}
		err = control(cmd).callFor(workTime, http.MethodPost, order, body, nil)
		if r, wrong := hasStatus(err, http.StatusBadRequest); wrong {
			err = r // it is the folder that does not do, not the command
		}
		return done(cmd, err, what+" "+dir)
	}
}

// orListed says of what is not there which command lists those that are.
func orListed(err error, kind, id, list string) error {
	if _, gone := hasStatus(err, http.StatusNotFound); gone {
		return fmt.Errorf("there is no %s %q: %s lists those there are", kind, id, list)
	}
	return err
}

// snapshotView is what the control API says of a snapshot.
type snapshotView struct {
	ID    string    `json:"id"`
	Taken time.Time `json:"taken"`
}

func takeSnapshot(cmd *cobra.Command, _ []string) error {
	var taken snapshotView
	err := control(cmd).call(http.MethodPost, "snapshots", nil, &taken)
	if _, full := hasStatus(err, http.StatusConflict); full {
		err = fmt.Errorf("%w: linarite state forget gives one up", err)
	}
	return done(cmd, err, taken.ID)
}

func newSnapshots() *cobra.Command {
	cmd := &cobra.Command{
		Use: "snapshots", Short: "List the snapshots, and when by the world's clock they were taken", Example: "  linarite state snapshots",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list struct {
				Snapshots []snapshotView `json:"snapshots"`
			}
			if err := control(cmd).call(http.MethodGet, "snapshots", nil, &list); err != nil {
				return err
			}
			if wantsJSON(cmd) {
				return printJSON(cmd, list)
			}
			if len(list.Snapshots) == 0 {
				return done(cmd, nil, "there are no snapshots")
			}
			for _, s := range list.Snapshots {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%3s  %s\n", s.ID, s.Taken.UTC().Format(time.RFC3339)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	addJSON(cmd)
	return cmd
}
