package doctor

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/cloud"
)

// byContainer is the way that works for what no variable leads.
const byContainer = "linarite run on Linux, a container that shares Linarite's network, or WSL2 reach it all the same (docs/proxy.md)"

// covers tells whether an entry of no_proxy excepts the metadata service or names of Azure's.
func covers(entry string) bool {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		return prefix.Contains(netip.MustParseAddr(cloud.IMDSAddress))
	}
	if cloud.IsAzure(entry) {
		return true
	}
	for _, c := range cloud.All() {
		for _, suffix := range c.Suffixes() {
			if entry != "" && strings.HasSuffix("."+suffix, "."+entry) {
				return true
			}
		}
	}
	return false
}

// clients says which clients that are installed here heed neither the proxy's variables nor
// those of certificates, and how each is reached instead. Of the others it says nothing.
func (m Machine) clients() (out []Finding) {
	for _, look := range []func() *Finding{m.node, m.wget, m.terraform, m.curl, m.goTrust, m.dotnet} {
		if f := look(); f != nil {
			out = append(out, *f)
		}
	}
	return out
}

var nodeVersion = regexp.MustCompile(`^v(\d+)\.(\d+)`)

// node: fetch and http heed NODE_USE_ENV_PROXY from 24.0 and, of the older line, 22.21 on
// (Node.js "Command-line API", NODE_USE_ENV_PROXY).
func (m Machine) node() *Finding {
	path := m.Program("node")
	if path == "" {
		return nil
	}
	version := strings.TrimSpace(m.Says(path, "--version"))
	f := &Finding{Name: "node", OK: true, Why: version + " heeds the proxy's variables, as linarite env sets NODE_USE_ENV_PROXY"}
	if v := nodeVersion.FindStringSubmatch(version); v != nil {
		major, _ := strconv.Atoi(v[1])
		minor, _ := strconv.Atoi(v[2])
		if major >= 24 || major == 22 && minor >= 21 {
			return f
		}
	}
	if version == "" {
		version = "of an unknown version"
	}
	f.OK, f.Why = false, "node "+version+": fetch and http heed no proxy variables (Azure's own SDKs do)"
	f.Do = "take Node.js 24 or 22.21; " + byContainer
	return f
}

// wget: built with GnuTLS it reads none of the variables of certificates (GNU Wget manual,
// "HTTPS (SSL/TLS) Options").
func (m Machine) wget() *Finding {
	path := m.Program("wget")
	if path == "" {
		return nil
	}
	if !strings.Contains(m.Says(path, "--version"), "gnutls") {
		return nil
	}
	return &Finding{
		Name: "wget", Why: "this build reads no variable for certificates",
		Do: `behind the proxy: wget --ca-certificate="$SSL_CERT_FILE"; a sealed world needs nothing`,
	}
}

// terraform: azurerm asks the metadata service past every proxy (hashicorp/go-azure-sdk).
func (m Machine) terraform() *Finding {
	if m.Program("terraform") == "" && m.Program("tofu") == "" {
		return nil
	}
	return &Finding{
		Name: "terraform", OK: true,
		Why: "azurerm asks the metadata service past every proxy: linarite env sets ARM_MSI_ENDPOINT, which it takes instead; set ARM_USE_MSI=true yourself",
	}
}

// curl from a snap sees neither hidden folders nor /tmp.
func (m Machine) curl() *Finding {
	path := m.Program("curl")
	if !strings.Contains(path, "/snap/") && !strings.HasSuffix(path, "/snap") {
		return nil
	}
	return &Finding{
		Name: "curl", Why: path + " is a snap, which sees no file in a hidden folder, so not the bundle of linarite env",
		Do: "install curl from the system's packages, or keep Linarite's files elsewhere by --home",
	}
}

// goTrust: off Linux and the BSDs, Go takes what the system trusts and reads no variable
// (Go, crypto/x509, SystemCertPool).
func (m Machine) goTrust() *Finding {
	if m.OS != "darwin" && m.OS != "windows" {
		return nil
	}
	return &Finding{
		Name: "Go", Why: "programs in Go (azcopy, rclone, restic, terraform) trust the system's store here, and read no variable",
		Do: "linarite ca install puts Linarite's authority there; " + byContainer,
	}
}

// dotnet is the same (.NET documentation, "Cross-platform cryptography").
func (m Machine) dotnet() *Finding {
	if m.OS != "darwin" && m.OS != "windows" || m.Program("dotnet") == "" {
		return nil
	}
	return &Finding{
		Name: ".NET", Why: "trusts the system's store here, and reads no variable",
		Do: "linarite ca install puts Linarite's authority there; " + byContainer,
	}
}
