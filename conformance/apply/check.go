package apply

import (
	"context"
	"errors"
	"fmt"
)

// Check reads what the plan depends on and changes nothing: that the machines are there, and that the names of
// accounts and vaults are free or the world's own. Its error has all that is wrong.
func (p *Plan) Check(ctx context.Context, o Options) error {
	r, err := newRun(ctx, p, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.o.Out, "%-13s %s\n", "as", r.me)
	var wrong []error
	for _, m := range p.machines {
		c, err := r.client(m.place.Subscription)
		if err != nil {
			return err
		}
		if _, err = c.Machine(ctx, c.MachineID(m.place.Group.Name, kindOf(m.m), m.m.Name)); missing(err) {
			err = errors.New("it is not there, and machines are not made: make it first, or take it out of the world file")
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("machine %s/%s: %w", m.place.Group.Name, m.m.Name, err))
		}
	}
	for _, n := range p.names {
		if err := r.nameFree(ctx, n); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", n.name(p), err))
		}
	}
	return errors.Join(wrong...)
}

// nameFree tells whether an account or a vault is there in its group, or can be made.
func (r *run) nameFree(ctx context.Context, n nameRef) error {
	c, err := r.client(n.place.Subscription)
	if err != nil {
		return err
	}
	name, group := n.name(r.plan), n.place.Group.Name
	if n.account != nil {
		_, err = c.Account(ctx, group, name)
	} else {
		_, err = c.Vault(ctx, group, name)
	}
	if !missing(err) {
		return err
	}
	ask := c.VaultName
	if n.account != nil {
		ask = c.AccountName
	}
	free, err := ask(ctx, name)
	if err == nil && !free.Free {
		err = fmt.Errorf("the name is taken, and it is not in group %s: give your own by --suffix, or purge it if it is a vault that you deleted (%s)", group, free.Message)
	}
	return err
}
