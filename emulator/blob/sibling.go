package blob

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// sibling is a storage service beside Blob storage: it answers about its properties,
// because clients wait for them once they have made an account, and refuses the rest in
// words.
type sibling struct {
	service cloud.Service
	// title is the service's name for people.
	title string
	// letter is that of ss in an account SAS; empty where there are no properties.
	letter   string
	envelope wire.Envelope
}

// siblings lists them. Data Lake and the static website have no properties of their own.
func siblings() []sibling {
	return []sibling{
		{cloud.Queue, "Queue storage", "q", wire.Storage{Service: "Queue"}},
		{cloud.Table, "Table storage", "t", wire.Table{Storage: wire.Storage{Service: "Table"}}},
		{cloud.File, "File storage", "f", wire.Storage{Service: "File"}},
		{cloud.DFS, "Data Lake storage (dfs)", "", wire.DataLake{Storage: wire.Storage{Service: "HDFS"}}},
		{cloud.Web, "static websites", "", wire.Storage{Service: "Web"}},
	}
}

// NewSiblings makes the data planes of the storage services beside Blob storage.
func NewSiblings() map[cloud.Service]*wire.Plane {
	planes := map[cloud.Service]*wire.Plane{}
	for _, s := range siblings() {
		planes[s.service] = wire.NewPlane(wire.Plane{
			Name:         string(s.service),
			Steps:        wire.SiblingPipeline(s.address, secure, s.found, s.authenticate, s.authorise),
			Envelope:     s.envelope,
			FoldCase:     true,
			NotKept:      apierr.StorageNotKept,
			NewRequestID: wire.StorageRequestID,
			Describe:     describe,
			Usual:        usual,
		}, s.operations())
	}
	return planes
}

// operations is the map of a sibling (BLOB-SVC-001 to BLOB-SVC-003).
func (s sibling) operations() []wire.Operation {
	if s.letter == "" {
		return nil
	}
	action := "Microsoft.Storage/storageAccounts/" + string(s.service) + "Services/"
	return []wire.Operation{
		{Name: "Service_GetProperties", Method: "GET", Path: onService, When: on("service", "properties"), Action: action + "read", View: s.get},
		{Name: "Service_SetProperties", Method: "PUT", Path: onService, When: on("service", "properties"), Action: action + "write", Prepare: s.read, Update: s.set},
	}
}

// address finds the account; below it, nothing is told apart.
func (s sibling) address(c *wire.Call) error {
	r := &request{query: storageauth.ParseQuery(c.Request.URL.RawQuery), service: s.service}
	c.Local = r
	if err := r.findAccount(c); err != nil {
		return err
	}
	if strings.Trim(decoded(c.Path), "/") == "" {
		c.Path = "/"
	}
	return nil
}

// found says what is not emulated, and writes only to the primary endpoint.
func (s sibling) found(c *wire.Call) error {
	c.Version = orDefault(c.Request.Header.Get("x-ms-version"), anonymousVersion)
	switch {
	case c.Operation == nil && s.letter == "":
		return wire.Refuse(apierr.StorageSibling, s.title, "nothing there")
	case c.Operation == nil:
		return wire.Refuse(apierr.StorageSibling, s.title, "GET and PUT /?restype=service&comp=properties there, and nothing else")
	case of(c).secondary && c.Operation.Update != nil:
		return wire.Refuse(apierr.StorageSecondaryWrite)
	}
	return nil
}

// authenticate is that of Blob storage; File storage wants to be told what tokens are used
// for (BLOB-SVC-006).
func (s sibling) authenticate(c *wire.Call) error {
	if err := authenticate(c); err != nil {
		return err
	}
	if s.service == cloud.File && !c.Caller.IsZero() && c.Request.Header.Get("x-ms-file-request-intent") == "" {
		return apierr.New(apierr.StorageHeaderMissing).WithField("HeaderName", "x-ms-file-request-intent")
	}
	return nil
}

// authorise asks for an account SAS of the service (BLOB-SVC-007), or for a role on the
// account.
func (s sibling) authorise(c *wire.Call) error {
	r := of(c)
	switch {
	case r.key:
		return nil
	case r.sas != nil:
		need := storageauth.Needs(storageauth.GetServiceProperties)
		if c.Operation.Update != nil {
			need = storageauth.Needs(storageauth.SetServiceProperties)
		}
		if need.Service = s.letter; r.sas.Allows(need) != nil {
			return sasFailure(r.sas.Allows(need))
		}
		return nil
	case c.Caller.IsZero():
		return apierr.New(apierr.StorageNoAuthentication).WithChallenge(challenge(c, r))
	}
	allowed := false
	c.World.State.View(func(tx *state.Tx) {
		d := rbac.Decide(c.Facts(tx), rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: c.Operation.Action, Scope: r.account.ID, Now: c.Now})
		c.Decided(d)
		allowed = d.Allowed
	})
	if !allowed {
		return wire.Refuse(apierr.StoragePermission)
	}
	return nil
}

// kept is where an account keeps the properties of the service.
func (s sibling) kept(a *state.StorageAccount) *state.ServiceProperties {
	switch s.service {
	case cloud.Queue:
		return &a.Queue
	case cloud.Table:
		return &a.Table
	}
	return &a.File
}

// get answers the properties in their order; File storage has no logging.
func (s sibling) get(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	p := s.kept(&of(c).account)
	d := newDocument()
	d.inside("StorageServiceProperties", func() {
		if s.service != cloud.File {
			d.logging(p.Logging)
		}
		d.metrics("HourMetrics", p.HourMetrics)
		d.metrics("MinuteMetrics", p.MinuteMetrics)
		d.inside("Cors", func() { d.cors(p.CORS) })
	})
	return d.response(), nil
}

// read reads the XML of the properties.
func (s sibling) read(c *wire.Call) error {
	body, err := bodyOf(c, maxXML)
	if err != nil {
		return err
	}
	root, err := parseXML(flat(body.Content), "StorageServiceProperties")
	if err != nil {
		return err
	}
	c.Input = root
	var dry state.ServiceProperties
	return s.apply(&dry, root)
}

// set changes the properties given and leaves the others.
func (s sibling) set(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, _ := tx.Accounts.Get(of(c).account.Name)
	if err := s.apply(s.kept(&a), c.Input.(node)); err != nil {
		return wire.Response{}, err
	}
	tx.Accounts.Put(a)
	return wire.Response{Status: http.StatusAccepted}, nil
}

func (s sibling) apply(p *state.ServiceProperties, root node) (err error) {
	for _, n := range root.children {
		switch {
		case n.name == "Logging" && s.service != cloud.File:
			p.Logging, err = parseLogging(n)
		case n.name == "HourMetrics" || n.name == "Metrics":
			p.HourMetrics, err = parseMetrics(n)
		case n.name == "MinuteMetrics":
			p.MinuteMetrics, err = parseMetrics(n)
		case n.name == "Cors":
			p.CORS, err = parseCORS(n)
		case n.name == "ProtocolSettings" && s.service == cloud.File:
			err = wire.Refuse(apierr.StorageNotEmulated, "protocol settings of File storage")
		default:
			err = badXML(n.line, n.column, "Unexpected element '"+n.name+"'.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
