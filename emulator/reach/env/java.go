package env

import (
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// javaToolOptions is the variable that every Java virtual machine reads options from (JVM
// Tool Interface, "JAVA_TOOL_OPTIONS"). Those of its own command line count before them.
const javaToolOptions = "JAVA_TOOL_OPTIONS"

// TrustStore returns the certificates of a PEM bundle as Java wants them for
// javax.net.ssl.trustStore: a PKCS #12 store, without a password, which is what Java assumes
// where it is told none. A certificate that Go cannot read is left out, since for one that
// Java cannot read it gives up the whole store.
func TrustStore(bundle []byte) ([]byte, error) {
	var entries []pkcs12.TrustStoreEntry
	for {
		var block *pem.Block
		if block, bundle = pem.Decode(bundle); block == nil {
			return pkcs12.Passwordless.EncodeTrustStoreEntries(entries, "")
		}
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			// Names are keys, so numbers do better than subjects.
			entries = append(entries, pkcs12.TrustStoreEntry{Cert: certificate, FriendlyName: strconv.Itoa(len(entries) + 1)})
		}
	}
}

// javaProperties are those that this package sets, or that would contradict what it sets.
// (JSSE Reference Guide, "Customizing JSSE"; Java Networking and Proxies.)
var javaProperties = []string{
	"javax.net.ssl.trustStore", "javax.net.ssl.trustStoreType", "javax.net.ssl.trustStorePassword", "javax.net.ssl.trustStoreProvider",
	"http.proxyHost", "http.proxyPort", "http.proxyUser", "http.proxyPassword", "http.nonProxyHosts",
	"https.proxyHost", "https.proxyPort", "https.proxyUser", "https.proxyPassword",
	"socksProxyHost", "socksProxyPort", "socksNonProxyHosts", "java.net.useSystemProxies",
	"jdk.http.auth.tunneling.disabledSchemes",
}

// javaOptions is the value of JAVA_TOOL_OPTIONS: the user's own, without the properties
// above, and those that lead to the emulator. Said again, it comes out the same.
func javaOptions(own, store, proxy, user string) string {
	options := slices.DeleteFunc(javaFields(own), func(field string) bool {
		name, _, _ := strings.Cut(strings.NewReplacer(`"`, "", `'`, "").Replace(field), "=")
		return slices.Contains(javaProperties, strings.TrimPrefix(name, "-D"))
	})
	set := func(name, value string) { options = append(options, "-D"+name+"="+javaQuote(value)) }
	set("javax.net.ssl.trustStore", store)
	if at, err := url.Parse(proxy); err == nil && proxy != "" {
		for _, scheme := range []string{"http", "https"} {
			set(scheme+".proxyHost", at.Hostname())
			set(scheme+".proxyPort", at.Port())
			if user != "" {
				set(scheme+".proxyUser", user)
				set(scheme+".proxyPassword", proxyPassword)
			}
		}
		if user != "" {
			// The default keeps a user from a tunnel, also one who was asked for (Java, "net.properties").
			set("jdk.http.auth.tunneling.disabledSchemes", "")
		}
		// The default, but for systems that add link-local addresses to it, as macOS does.
		set("http.nonProxyHosts", "localhost|127.*|[::1]")
	}
	return strings.Join(options, " ")
}

// javaFields splits options as Java does: at white space outside quotes, in which nothing
// is special. The quotes stay.
func javaFields(text string) (fields []string) {
	var field strings.Builder
	var quote rune
	end := func() {
		if field.Len() > 0 {
			fields = append(fields, field.String())
			field.Reset()
		}
	}
	for _, r := range text {
		switch {
		case quote == 0 && strings.ContainsRune(" \t\n\v\f\r", r):
			end()
			continue
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case r == quote:
			quote = 0
		}
		field.WriteRune(r)
	}
	end()
	return fields
}

// javaQuote quotes a value where it has to be. Java 8 knows no quotes.
func javaQuote(value string) string {
	if !strings.ContainsAny(value, " \t\n\v\f\r\"'") {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `"'"'"`) + `"`
}
