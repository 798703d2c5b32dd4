package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/targets"
)

// A want is what features need of a target file: an endpoint, a credential.
type want struct {
	// features are the first parts of names; except are more exact ones that another want is about.
	features, except []string
	// endpoint and credential are the keys of the file, and what they are in this one.
	endpoint, at             string
	credential, from, planes string
}

// wants are what the file has to name for whom. An account's key is wanted where no Resource Manager makes
// accounts.
func wants(f targets.File) []want {
	account := f.Credentials.Account
	if f.HasARM() {
		account = "of the run's own account"
	}
	return []want{
		{[]string{"imds"}, []string{"imds.appservice"}, "endpoints.imds", f.Endpoints.IMDS, "", "", "the metadata service"},
		{[]string{"imds.appservice"}, nil, "endpoints.appservice", f.Endpoints.AppService, "credentials.appservice", f.Credentials.AppService, "App Service"},
		{[]string{"entra"}, []string{"entra.graph"}, "endpoints.login", f.Endpoints.Login, "", "", "Entra ID"},
		{[]string{"entra.token.clientSecret"}, nil, "", "", "credentials.application", f.Credentials.Application, "Entra ID"},
		{[]string{"entra.token.certificate"}, nil, "", "", "credentials.certificate", f.Credentials.Certificate, "Entra ID"},
		{[]string{"entra.graph"}, nil, "endpoints.graph", f.Endpoints.Graph, "credentials.application", f.Credentials.Application, "Microsoft Graph"},
		{[]string{"arm", "rbac"}, nil, "endpoints.arm", f.Endpoints.ARM, "credentials.deployer", f.Credentials.Deployer, "Resource Manager"},
		{[]string{"blob"}, nil, "endpoints.blob", f.Endpoints.Blob, "credentials.account", account, "Blob storage"},
		{[]string{"blob.auth.bearer"}, nil, "", "", "credentials.deployer", f.Credentials.Deployer, "Blob storage"},
		{[]string{"vault"}, nil, "endpoints.vault", f.Endpoints.Vault, "credentials.deployer", f.Credentials.Deployer, "Key Vault"},
	}
}

// of tells whether a feature is one that wants this.
func (w want) of(feature string) bool {
	under := func(root string) bool { return feature == root || strings.HasPrefix(feature, root+".") }
	return slices.ContainsFunc(w.features, under) && !slices.ContainsFunc(w.except, under)
}

// unnamed are the features that are absent because the file names no credential for them.
func unnamed(f targets.File) map[string]Capability {
	out := map[string]Capability{}
	for _, w := range wants(f) {
		if w.credential == "" || w.from != "" {
			continue
		}
		for _, feature := range w.features {
			out[feature] = Capability{Feature: feature, Origin: "unnamed", Reason: "the target file does not name " + w.credential}
		}
	}
	return out
}

// reach says which endpoint a file has to name so that a spec can be asked. One that it leaves out is the
// cloud's own, which only Azure answers at, or whatever Azure's names lead into: recordings, a proxy, an
// emulator in this process.
func (c *Catalogue) reach(f targets.File, runs []Spec) error {
	inProcess := f.Kind == targets.Emulator && f.Endpoints.ARM == ""
	open := f.Kind == targets.Azure || f.Kind == targets.Replay || f.Via != "" || inProcess
	all := wants(f)
	if scheme, _, _ := strings.Cut(f.Credentials.Deployer, ":"); scheme != "" { // what its tokens are for, its tokens' place is for too
		tokens := want{endpoint: "endpoints.login", at: f.Endpoints.Login, planes: "for tokens of the deployer's"}
		if scheme == "imds" {
			tokens.endpoint, tokens.at = "endpoints.imds", f.Endpoints.IMDS
		}
		for _, w := range all {
			if w.credential == "credentials.deployer" {
				tokens.features = append(tokens.features, w.features...)
			}
		}
		all = append(all, tokens)
	}
	for _, w := range all {
		if w.endpoint == "" || w.at != "" || open && w.endpoint != "endpoints.appservice" {
			continue
		}
		n := 0
		for _, s := range runs {
			if slices.ContainsFunc(c.Needs(s), w.of) {
				n++
			}
		}
		if n > 0 {
			return fmt.Errorf("target %s: %d of the specs that would run ask %s, and the file does not say where: name %s, or list %s under absent",
				f.Name, n, w.planes, w.endpoint, strings.Join(w.features, " and "))
		}
	}
	return nil
}
