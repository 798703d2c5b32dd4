package cloud

import "strings"

// All returns every cloud, the public one first.
func All() []*Cloud {
	return []*Cloud{Public(), China(), USGov()}
}

// ByName finds a cloud by any of its names, without regard to case: "china",
// "AzureChinaCloud", "USGovernment" and "AzurePublicCloud" all name one.
func ByName(name string) (*Cloud, bool) {
	for _, c := range All() {
		for _, known := range []string{c.Name, c.CLIName, c.GoName, c.EnvironmentName} {
			if strings.EqualFold(name, known) {
				return c, true
			}
		}
	}
	return nil, false
}
