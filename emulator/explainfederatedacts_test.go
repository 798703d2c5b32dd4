package emulator_test

import (
	"fmt"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

const (
	federatedPath    = identityAt + "tutorial-id/federatedIdentityCredentials/"
	federatedVersion = "?api-version=2023-01-31"
	exchange         = `"api://AzureADTokenExchange"`
)

// trusted is the body of a federated credential.
func trusted(issuer, subject, audiences string) string {
	return `{"properties":{"issuer":"` + issuer + `","subject":"` + subject + `","audiences":[` + audiences + `]}}`
}

func federatedActs() []act {
	const issuer = "https://issuer.example.com/"
	// put asks for a credential beside those that were made before, whose names are their subjects.
	put := func(kind apierr.Kind, name, body string, before ...string) act {
		return act{kind, "", "", func(s *scene) {
			for _, subject := range before {
				s.owner("PUT", federatedPath+subject+federatedVersion, trusted(issuer, subject, exchange))
			}
			s.owner("PUT", federatedPath+name+federatedVersion, body)
		}}
	}
	var all []string
	for i := range state.FederatedLimit {
		all = append(all, fmt.Sprintf("credential-%02d", i))
	}
	return []act{
		{apierr.ARMParentMissing, "", "", func(s *scene) {
			s.owner("GET", identityAt+"nobody/federatedIdentityCredentials"+federatedVersion, "")
		}},
		put(apierr.ARMFederatedName, "a%21", trusted(issuer, "s", exchange)),
		put(apierr.ARMFederatedEmpty, "one", `{"properties":{"issuer":"`+issuer+`"}}`),
		put(apierr.ARMFederatedAudiences, "one", trusted(issuer, "s", exchange+`,"b"`)),
		put(apierr.ARMFederatedTooLong, "one", trusted(issuer, strings.Repeat("s", state.FederatedLength+1), exchange)),
		put(apierr.ARMFederatedTaken, "another", trusted(issuer, "one", exchange), "one"),
		put(apierr.ARMFederatedLimit, "another", trusted(issuer, "another", exchange), all...),
	}
}
