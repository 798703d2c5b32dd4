package blob

import (
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// maxPolicyID is the length of a stored access policy's name.
const maxPolicyID = 64

func getACL(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	d := newDocument()
	d.inside("SignedIdentifiers", func() {
		for _, p := range found.Policies {
			d.inside("SignedIdentifier", func() { d.policy(p) })
		}
	})
	answer := d.response()
	answer.Header = modified(found.Modified)
	addPublic(answer.Header, found)
	return answer, nil
}

// policy writes a stored access policy, what is not set left out (BLOB-CONT-011).
func (d *document) policy(p state.StoredAccessPolicy) {
	d.element("Id", p.ID)
	if p.Start == "" && p.Expiry == "" && p.Permissions == "" {
		return
	}
	d.inside("AccessPolicy", func() {
		d.optional("Start", p.Start)
		d.optional("Expiry", p.Expiry)
		d.optional("Permission", p.Permissions)
	})
}

// readACL reads the XML of Set Container ACL, which may be left out.
func readACL(c *wire.Call) error {
	if c.Request.ContentLength == 0 {
		c.Input = []state.StoredAccessPolicy(nil)
		return nil
	}
	body, err := bodyOf(c, maxXML)
	if err != nil || body.Content.Size == 0 {
		c.Input = []state.StoredAccessPolicy(nil)
		return err
	}
	c.Input, err = parseACL(flat(body.Content))
	return err
}

func parseACL(data []byte) ([]state.StoredAccessPolicy, error) {
	root, err := parseXML(data, "SignedIdentifiers")
	if err != nil {
		return nil, err
	}
	if len(root.children) > blobstore.MaxPolicies { // BLOB-CONT-010
		return nil, badXML(0, 0, "")
	}
	var policies []state.StoredAccessPolicy
	seen := map[string]bool{}
	for _, n := range root.children {
		p, err := parsePolicy(n)
		if err != nil {
			return nil, err
		}
		if seen[p.ID] {
			return nil, badXML(n.line, n.column, "The identifier '"+p.ID+"' is there twice.")
		}
		seen[p.ID] = true
		policies = append(policies, p)
	}
	return policies, nil
}

func parsePolicy(n node) (p state.StoredAccessPolicy, err error) {
	id, ok := n.child("Id")
	if p.ID = id.value(); !ok || p.ID == "" || len(p.ID) > maxPolicyID {
		return p, badValue(id)
	}
	policy, _ := n.child("AccessPolicy")
	permission, _ := policy.child("Permission")
	p.Permissions = permission.value()
	if p.Start, err = policyTime(policy, "Start"); err != nil {
		return p, err
	}
	p.Expiry, err = policyTime(policy, "Expiry")
	return p, err
}

// policyTime reads a time and writes it as it is shown, with seven decimals.
func policyTime(policy node, name string) (string, error) {
	n, _ := policy.child(name)
	if n.value() == "" {
		return "", nil
	}
	t, ok := storageauth.ParseTime(n.value())
	if !ok {
		return "", badValue(n)
	}
	return t.UTC().Format(wire.StorageTime), nil
}

// setACL replaces policies and access level together (BLOB-CONT-009).
func setACL(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err == nil {
		err = unlessModified(c, found)
	}
	if err != nil {
		return wire.Response{}, err
	}
	if found.Public, err = publicLevel(c.Request.Header); err != nil {
		return wire.Response{}, err
	}
	found.Policies = c.Input.([]state.StoredAccessPolicy)
	if found, err = blobstore.UpdateContainer(tx, found, c.Now); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Header: modified(found.Modified)}, nil
}
