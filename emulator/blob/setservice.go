package blob

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// Limits of service properties, "Set Blob Service Properties" (BLOB-CONT-018).
const (
	maxRules     = 5
	maxRetention = 365
)

// readService reads the XML of Set Blob Service Properties.
func readService(c *wire.Call) error {
	body, err := bodyOf(c, maxXML)
	if err != nil {
		return err
	}
	root, err := parseXML(flat(body.Content), "StorageServiceProperties")
	if err != nil {
		return err
	}
	var dry state.StorageAccount
	c.Input = root
	return applyService(&dry, root)
}

// setService changes the properties given and leaves the others (BLOB-CONT-017).
func setService(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, _ := tx.Accounts.Get(of(c).account.Name)
	if err := applyService(&a, c.Input.(node)); err != nil {
		return wire.Response{}, err
	}
	tx.Accounts.Put(a)
	return wire.Response{Status: http.StatusAccepted}, nil
}

func applyService(a *state.StorageAccount, root node) (err error) {
	for _, n := range root.children {
		switch n.name {
		case "Logging":
			a.Logging, err = parseLogging(n)
		case "HourMetrics", "Metrics":
			a.HourMetrics, err = parseMetrics(n)
		case "MinuteMetrics":
			a.MinuteMetrics, err = parseMetrics(n)
		case "Cors":
			a.CORS, err = parseCORS(n)
		case "DeleteRetentionPolicy":
			if a.DeleteRetentionDays, err = parseRetention(n); err == nil {
				err = n.optionalBoolean("AllowPermanentDelete", &a.AllowPermanentDelete)
			}
		case "StaticWebsite":
			a.Website, err = parseWebsite(n)
		case "DefaultServiceVersion":
			if a.DefaultServiceVersion = n.value(); !isVersion(n.value()) {
				err = badValue(n)
			}
		default:
			err = badXML(n.line, n.column, "Unexpected element '"+n.name+"'.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// optionalBoolean reads an element inside where it is there.
func (n node) optionalBoolean(name string, into *bool) (err error) {
	if c, ok := n.child(name); ok {
		*into, err = c.boolean()
	}
	return err
}

// childValue is the value of an element inside, empty where it is not there.
func (n node) childValue(name string) string {
	c, _ := n.child(name)
	return c.value()
}

func parseLogging(n node) (l state.ServiceLogging, err error) {
	l.Version = n.childValue("Version")
	for name, into := range map[string]*bool{"Read": &l.Read, "Write": &l.Write, "Delete": &l.Delete} {
		if err := n.optionalBoolean(name, into); err != nil {
			return l, err
		}
	}
	policy, _ := n.child("RetentionPolicy")
	l.RetentionDays, err = parseRetention(policy)
	return l, err
}

func parseMetrics(n node) (m state.ServiceMetrics, err error) {
	m.Version = n.childValue("Version")
	for name, into := range map[string]*bool{"Enabled": &m.Enabled, "IncludeAPIs": &m.IncludeAPIs} {
		if err := n.optionalBoolean(name, into); err != nil {
			return m, err
		}
	}
	policy, _ := n.child("RetentionPolicy")
	m.RetentionDays, err = parseRetention(policy)
	return m, err
}

// parseRetention reads Enabled and Days; zero days is not enabled.
func parseRetention(n node) (int, error) {
	enabled := false
	if err := n.optionalBoolean("Enabled", &enabled); err != nil || !enabled {
		return 0, err
	}
	days, _ := n.child("Days")
	number, err := strconv.Atoi(days.value())
	if err != nil || number < 1 || number > maxRetention {
		return 0, badXML(days.nextLine, days.nextColumn, "Retention days must be greater than 0 and less than or equal to 365 days.")
	}
	return number, nil
}

func parseCORS(n node) ([]state.CORSRule, error) {
	if len(n.children) > maxRules {
		return nil, badXML(0, 0, "")
	}
	var rules []state.CORSRule
	for _, r := range n.children {
		rule := state.CORSRule{
			AllowedOrigins: r.childValue("AllowedOrigins"), AllowedMethods: r.childValue("AllowedMethods"),
			AllowedHeaders: namesFirst(r.childValue("AllowedHeaders")), ExposedHeaders: namesFirst(r.childValue("ExposedHeaders")),
		}
		age, ok := r.child("MaxAgeInSeconds")
		number, err := strconv.Atoi(age.value())
		switch {
		case r.name != "CorsRule" || rule.AllowedOrigins == "" || rule.AllowedMethods == "" || !ok:
			return nil, badXML(r.line, r.column, "The CORS rule is not complete.")
		case err != nil || number < 0:
			return nil, badValue(age)
		}
		rule.MaxAgeInSeconds = number
		rules = append(rules, rule)
	}
	return rules, nil
}

// namesFirst puts the headers of a rule in the order that the service keeps: whole names,
// then beginnings of names (BLOB-CONT-020).
func namesFirst(list string) string {
	var names, beginnings []string
	for _, name := range strings.Split(list, ",") {
		if strings.HasSuffix(name, "*") {
			beginnings = append(beginnings, name)
		} else {
			names = append(names, name)
		}
	}
	return strings.Join(append(names, beginnings...), ",")
}

func parseWebsite(n node) (w state.StaticWebsite, err error) {
	err = n.optionalBoolean("Enabled", &w.Enabled)
	w.IndexDocument = n.childValue("IndexDocument")
	w.DefaultIndexDocumentPath, w.ErrorDocument404 = n.childValue("DefaultIndexDocumentPath"), n.childValue("ErrorDocument404Path")
	return w, err
}
