package suite

// AppServiceSecret is what App Service tells its workers in IDENTITY_HEADER, and empty where the
// target names no variable with it.
func (t *T) AppServiceSecret() string {
	secret := t.Env.Getenv(t.Env.Target.Credentials.AppService)
	t.Hide(secret)
	return secret
}

// AppService asks App Service's token endpoint: GET, with the secret. The query is one that Query
// and Raw add to.
func (t *T) AppService(query string) *Request {
	if t.World.AppService == "" {
		t.Broken("the target file names no endpoint of App Service (endpoints.appservice)")
	}
	secret := t.AppServiceSecret()
	if secret == "" {
		t.Broken("no credential: the target file is to name the variable with App Service's secret (credentials.appservice)")
	}
	return request("GET", t.World.AppService, "/msi/token?"+query).Set("X-IDENTITY-HEADER", secret)
}
