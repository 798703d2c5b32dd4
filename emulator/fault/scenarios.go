package fault

import "time"

// Scenario is rules under a name: a bad hour that Azure is known to have.
type Scenario struct {
	// Name is what it is asked for by.
	Name string `json:"name"`
	// Text says in one sentence what happens.
	Text string `json:"text"`
	// Rules are ready for Add.
	Rules []Rule `json:"rules"`
}

// Scenarios lists all of them. The caller owns the list.
func Scenarios() []Scenario {
	list := []Scenario{
		{
			Name: "imds-warming-up", Text: "The metadata service is being updated and answers 410 until 70 seconds have passed by the world's clock, the longest that Azure says it takes.",
			Rules: []Rule{{Match: Match{Plane: "imds"}, Effect: Effect{Status: 410}, For: 70 * time.Second}},
		},
		{
			Name: "imds-throttled", Text: "The metadata service refuses the next three token requests with 429, without a Retry-After.",
			Rules: []Rule{{Match: Match{Plane: "imds", Operation: "Identity_GetToken"}, Effect: Effect{Status: 429}, Times: 3}},
		},
		{
			Name: "token-endpoint-down", Text: "Entra ID's token endpoints answer 503 until the rules are cleared, while discovery, keys and the machines' own tokens go on.",
			Rules: []Rule{
				{Match: Match{Plane: "entra", Operation: "Token"}, Effect: Effect{Status: 503}},
				{Match: Match{Plane: "entra", Operation: "TokenV2"}, Effect: Effect{Status: 503}},
			},
		},
		{
			Name: "arm-throttled", Text: "Resource Manager refuses the next three requests with 429 and asks for 5 seconds.",
			Rules: []Rule{{Match: Match{Plane: "arm"}, Effect: Effect{Status: 429, RetryAfter: 5 * time.Second}, Times: 3}},
		},
		{
			Name: "role-not-propagated", Text: "Resource Manager, Blob storage and vaults that go by roles each decide the next three requests as if no role assignment had taken effect yet.",
			Rules: []Rule{
				{Match: Match{Plane: "arm"}, Effect: Effect{RolesPending: true}, Times: 3},
				{Match: Match{Plane: "blob"}, Effect: Effect{RolesPending: true}, Times: 3},
				{Match: Match{Plane: "vault"}, Effect: Effect{RolesPending: true}, Times: 3},
			},
		},
		{
			Name: "federated-writes-collide", Text: "The next write of a federated credential is refused with 409, as if another one of the same identity were being written.",
			Rules: []Rule{{Match: Match{Plane: "arm", Operation: "FederatedIdentityCredentials_CreateOrUpdate"}, Effect: Effect{Status: 409}, Times: 1}},
		},
		{
			Name: "storage-partition-moving", Text: "Blob storage answers the next three requests with 503 ServerBusy, as it does while a partition moves to another server.",
			Rules: []Rule{{Match: Match{Plane: "blob"}, Effect: Effect{Status: 503}, Times: 3}},
		},
		{
			Name: "vault-throttled", Text: "Vaults refuse the next three requests with 429, without a Retry-After.",
			Rules: []Rule{{Match: Match{Plane: "vault"}, Effect: Effect{Status: 429}, Times: 3}},
		},
		{
			Name: "download-cut", Text: "The connection of the next download of a blob is dropped when half of it was sent.",
			Rules: []Rule{{Match: Match{Plane: "blob", Operation: "Blob_Download"}, Effect: Effect{Cut: CutInBody}, Times: 1}},
		},
	}
	for i := range list {
		for j := range list[i].Rules {
			list[i].Rules[j].Scenario = list[i].Name
		}
	}
	return list
}

// ScenarioNamed finds a scenario.
func ScenarioNamed(name string) (Scenario, bool) {
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}
