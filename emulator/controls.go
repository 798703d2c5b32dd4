package emulator

import (
	"errors"
	"strings"
	"syscall"

	"github.com/linarite/linarite/emulator/advise"
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/control"
	"github.com/linarite/linarite/emulator/explain"
)

// controls is what the control API can do beyond what it finds in the world: the same as
// the methods of an Emulator.
func (e *Emulator) controls() control.Info {
	return control.Info{
		Version: e.options.Version, AppServiceSecret: e.secret, CA: e.authorityPEM, Closed: e.closed,
		Explain: func(id string, whatIf *explain.Grant) (explain.Explanation, error) {
			x, err := e.ExplainWith(id, ExplainOptions{WhatIf: whatIf})
			switch {
			case errors.Is(err, ErrNoRequest):
				err = apierr.New(apierr.ControlUnknown, err.Error())
			case errors.Is(err, explain.ErrGrant):
				err = apierr.New(apierr.ControlRequest, err.Error())
			}
			return x, err
		},
		Advise: func(o advise.Options) (advise.Plan, error) {
			plan, err := e.Advise(o)
			if errors.Is(err, advise.ErrOptions) {
				err = apierr.New(apierr.ControlRequest, err.Error())
			}
			return plan, err
		},
		Snapshot: func() func() error {
			then := e.Snapshot()
			return func() error { return later(e.goTo(then, true)) }
		},
		Save: func(dir string) error {
			err := e.Save(dir)
			if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO) {
				return later(err)
			}
			return wrongly(err)
		},
		Load: func(dir string) error {
			then, err := e.savedIn(dir)
			if err != nil {
				return wrongly(err)
			}
			return later(e.goTo(then, false))
		},
		Reset:  func() error { return later(e.Reset()) },
		Worlds: e.Worlds, Limit: e.root.maxWorlds(), EndWorld: e.EndWorld,
	}
}

// later is the refusal of what cannot be kept now.
func later(err error) error {
	if err == nil {
		return nil
	}
	return apierr.New(apierr.ControlLater, err.Error())
}

// wrongly is the refusal of what was asked for wrongly, in the error's own words.
func wrongly(err error) error {
	if err == nil {
		return nil
	}
	return apierr.New(apierr.ControlRequest, strings.ReplaceAll(err.Error(), ErrUsage.Error()+": ", ""))
}
