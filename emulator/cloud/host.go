package cloud

import (
	"net/url"
	"strings"
)

// Service is what a host name leads to.
type Service string

// The services that Resolve and Audience tell apart.
const (
	ARM        Service = "arm"
	Login      Service = "login"
	Graph      Service = "graph"
	AADGraph   Service = "aadgraph"
	Blob       Service = "blob"
	Queue      Service = "queue"
	Table      Service = "table"
	File       Service = "file"
	DFS        Service = "dfs"
	Web        Service = "web"
	Vault      Service = "vault"
	ManagedHSM Service = "managedhsm"
	IMDS       Service = "imds"
	Portal     Service = "portal"
	// Storage is an audience, good for all storage services; no host has it.
	Storage Service = "storage"
	// Other is an audience that is known, of a service that no host here leads to.
	Other Service = "other"
)

// IMDSAddress is where the instance metadata service answers, in every cloud.
const IMDSAddress = "169.254.169.254"

// secondarySuffix marks the read-only secondary endpoint of a storage account.
const secondarySuffix = "-secondary"

// Resolve tells which service of this cloud a host name leads to. name is the first label
// where the service has one per resource: the account (see SplitSecondary), the vault, the
// managed HSM; of a regional host of Login or ARM it is the region; else it is empty. The
// host may carry a port, a trailing dot and any letter case.
func (c *Cloud) Resolve(host string) (service Service, name string, ok bool) {
	host = hostname(host)
	if host == IMDSAddress {
		return IMDS, "", true
	}
	for _, login := range c.Entra.LoginHosts {
		if region, ok := regional(host, login); ok {
			return Login, region, true
		}
	}
	for _, arm := range c.ARM.Hosts {
		if region, ok := regional(host, arm); ok {
			return ARM, region, true
		}
	}
	switch host {
	case c.Entra.MSGraphHost:
		return Graph, "", true
	case c.Entra.CloudGraphHostName:
		return AADGraph, "", true
	case urlHost(c.Endpoints.Portal):
		return Portal, "", true
	}
	if name, ok := childOf(host, c.DNS.Vault); ok {
		return Vault, name, true
	}
	if name, ok := childOf(host, c.DNS.ManagedHSM); ok {
		return ManagedHSM, name, true
	}
	return c.resolveStorage(host)
}

// resolveStorage reads {account}.{service}.{suffix} and {account}.{zone}.web.{suffix}.
func (c *Cloud) resolveStorage(host string) (Service, string, bool) {
	rest, ok := strings.CutSuffix(host, "."+c.DNS.Storage)
	if !ok {
		return "", "", false
	}
	labels := strings.Split(rest, ".")
	account, service := labels[0], Service(labels[len(labels)-1])
	if !isLabel(account) {
		return "", "", false
	}
	switch service {
	case Blob, Queue, Table, File, DFS:
		ok = len(labels) == 2
	case Web:
		ok = len(labels) == 3 && isLabel(labels[1])
	default:
		ok = false
	}
	if !ok {
		return "", "", false
	}
	return service, account, true
}

// SplitSecondary takes the mark of the read-only secondary endpoint off a storage
// account's name, as Resolve returns it.
func SplitSecondary(name string) (account string, secondary bool) {
	return strings.CutSuffix(name, secondarySuffix)
}

// Suffixes returns the DNS names at or below which every host of this cloud lies: for the
// name constraints of a certificate authority and for DNS.
func (c *Cloud) Suffixes() []string {
	var all []string
	add := func(names ...string) {
		for _, name := range names {
			if name != "" && !within(name, all) {
				all = append(all, name)
			}
		}
	}
	d, e := c.DNS, c.Endpoints
	add(d.Storage, d.Vault, d.ManagedHSM)
	add(c.Entra.LoginHosts...)
	add(c.ARM.Hosts...)
	add(c.Entra.MSGraphHost, c.Entra.CloudGraphHostName, urlHost(c.Entra.RBACURL))
	add(d.Registry, d.SQL, d.ServiceBus, d.MySQL, d.PostgreSQL, d.MariaDB, d.Cosmos, d.AppConfiguration,
		d.Synapse, d.Attestation, d.DataLakeStore, d.DataLakeAnalytics, d.FrontDoor, d.StorageSync)
	add(urlHost(e.Portal), urlHost(e.Gallery), urlHost(e.Media), urlHost(e.Batch), urlHost(e.LogAnalytics),
		urlHost(e.AppInsights), urlHost(e.AppInsightsTelemetry), urlHost(e.DataLake), urlHost(e.Cosmos), urlHost(e.Monitor))
	return all
}

// within tells whether host equals one of the suffixes or lies below it.
func within(host string, suffixes []string) bool {
	for _, suffix := range suffixes {
		if prefix, ok := strings.CutSuffix(host, suffix); ok && (prefix == "" || strings.HasSuffix(prefix, ".")) {
			return true
		}
	}
	return false
}

// regional tells whether host is base or one label below it, as the regional token
// service {region}.login.microsoft.com is.
func regional(host, base string) (region string, ok bool) {
	if host == base {
		return "", true
	}
	return childOf(host, base)
}

// childOf returns the single label of host below suffix.
func childOf(host, suffix string) (label string, ok bool) {
	label, ok = strings.CutSuffix(host, "."+suffix)
	if !ok || !isLabel(label) {
		return "", false
	}
	return label, true
}

// isLabel tells whether s is one label of a host name, in lower case (RFC 1123).
func isLabel(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
		case b == '-' && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 63
}

// hostname is the host without port, brackets and trailing dots, in lower case. It takes
// both "host:port" and a bare IPv6 address.
func hostname(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, _, _ = strings.Cut(inner, "]")
	} else if strings.Count(host, ":") == 1 {
		host, _, _ = strings.Cut(host, ":")
	}
	return strings.ToLower(strings.TrimRight(host, "."))
}

// urlHost is the host name of one of this package's own URLs.
func urlHost(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
