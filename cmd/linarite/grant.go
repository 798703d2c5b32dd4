package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/fixtures/roles"
)

// grantBody is what the control API takes for a role assignment, and answers.
type grantBody struct {
	Principal string `json:"principal"`
	Role      string `json:"role"`
	Scope     string `json:"scope"`
}

const references = `PRINCIPAL is machine/NAME, identity/NAME, application/NAME, group/NAME, an object id or a
client id. ROLE is a role's name or GUID; a name of several words may stand in quotes or
not. SCOPE is the word subscription, GROUP, GROUP/RESOURCE, GROUP/ACCOUNT/CONTAINER,
GROUP/VAULT/secrets/NAME, or a full resource id.`

func newGrant() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "grant PRINCIPAL ROLE SCOPE",
		Short: "Give somebody a role",
		Long:  "Give somebody a role at a scope and below. It counts at once; one that is there stays.\n\n" + references,
		Example: `  linarite grant machine/tutorial-vm Contributor DevTest
  linarite grant identity/tutorial-id "Storage Blob Data Reader" DevTest/tutorialstore/files`,
		Args: cobra.MinimumNArgs(3), ValidArgsFunction: completeGrant,
		RunE: func(cmd *cobra.Command, args []string) error {
			var made grantBody
			if err := control(cmd).call(http.MethodPost, "grants", grantOf(args), &made); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "granted %s at %s to %s\n", made.Role, made.Scope, made.Principal)
			return err
		},
	}
	addURL(cmd)
	return cmd
}

func newRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke PRINCIPAL ROLE SCOPE",
		Short: "Take back a role that was given at exactly this scope",
		Long:  "Take back a role that was given at exactly this scope.\n\n" + references,
		Example: `  linarite revoke machine/tutorial-vm Reader DevTest
  linarite revoke 00001111-aaaa-2222-bbbb-3333cccc4444 Reader DevTest`,
		Args: cobra.MinimumNArgs(3), ValidArgsFunction: completeGrant,
		RunE: func(cmd *cobra.Command, args []string) error {
			g := grantOf(args)
			if err := control(cmd).call(http.MethodDelete, "grants", g, nil); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "revoked %s at %s from %s\n", g.Role, g.Scope, g.Principal)
			return err
		},
	}
	addURL(cmd)
	return cmd
}

// grantOf takes at least three arguments: what is between the first and the last is the role.
func grantOf(args []string) grantBody {
	last := len(args) - 1
	return grantBody{args[0], strings.Join(args[1:last], " "), args[last]}
}

// completeGrant knows the forms of principals, and the built-in roles.
func completeGrant(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return []string{"machine/", "identity/", "application/", "group/"}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	case 1:
		var names []string
		for _, r := range roles.All() {
			names = append(names, r.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"subscription"}, cobra.ShellCompDirectiveNoFileComp
}
