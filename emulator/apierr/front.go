package apierr

// Refusals of the front, which reach no plane of Azure, and of the control API. Their
// words are Linarite's own: they say what to do next.
const (
	FrontHost            Kind = "front.Host"
	FrontPath            Kind = "front.Path"
	FrontPlaintext       Kind = "front.Plaintext"
	FrontStranger        Kind = "front.Stranger"
	FrontAccount         Kind = "front.Account"
	FrontVault           Kind = "front.Vault"
	FrontVaultFamily     Kind = "front.VaultFamily"
	FrontOtherWorld      Kind = "front.OtherWorld"
	FrontOtherWorldAgain Kind = "front.OtherWorldAgain"
	FrontNotKept         Kind = "front.NotKept"
	ControlPath          Kind = "front.ControlPath"
	ControlMethod        Kind = "front.ControlMethod"
	ControlCrossSite     Kind = "front.ControlCrossSite"
	ControlCaller        Kind = "front.ControlCaller"
	ControlBegin         Kind = "front.ControlBegin"
	ControlWorld         Kind = "front.ControlWorld"
	ControlQuery         Kind = "front.ControlQuery"
	ControlMediaType     Kind = "front.ControlMediaType"
	ControlTooLarge      Kind = "front.ControlTooLarge"
	ControlBody          Kind = "front.ControlBody"
	ControlRequest       Kind = "front.ControlRequest"
	ControlUnknown       Kind = "front.ControlUnknown"
	ControlFull          Kind = "front.ControlFull"
	ControlLater         Kind = "front.ControlLater"
)

// notKept is what a plane says whose change the data folder could not take. Azure has no
// such case; 503 is what clients know as "later, perhaps".
const notKept = "Linarite could not keep this change, and so has not made it: %s"

var frontRows = map[Kind]row{
	FrontHost:            {status: 421, code: "HostNotServed", text: "Linarite does not serve the host '%s'. This world is of the cloud '%s' and serves %s."},
	FrontPath:            {status: 404, code: "PathNotServed", text: "Nothing is at '%s' on this host. Here are /metadata (instance metadata), /msi (App Service identity)%s."},
	FrontPlaintext:       {status: 400, code: "HttpsRequired", text: "The host '%s' is reached by https only."},
	FrontStranger:        {status: 400, code: "invalid_request", text: "Identity not found: no machine of this world has the address %s: write it in the world file as the address of the machine that the caller is."},
	FrontAccount:         {status: 421, code: "HostNotServed", text: "This world has no storage account called '%s': in Azure, the name would not resolve. It has %s."},
	FrontVault:           {status: 421, code: "HostNotServed", text: "This world has no vault called '%s': in Azure, the name would not resolve. It has %s."},
	FrontVaultFamily:     {status: 501, code: "NotEmulated", text: "Linarite does not emulate '%s' of a vault yet: it has secrets and deletedsecrets."},
	FrontOtherWorld:      {status: 401, code: "InvalidAuthenticationToken", text: "The access token was issued in another Linarite world, or before this one began. Ask this world for one, as the challenge says."},
	FrontOtherWorldAgain: {status: 503, code: "ServerBusy", text: "The request came again with an access token of another Linarite world: its client library has not asked this world yet. Try once more."},
	FrontNotKept:         {status: 503, code: "ServiceUnavailable", text: notKept},
	ControlPath:          {status: 404, code: "PathNotServed", text: "The control API has nothing at '%s'. Under /_linarite/v1/ there are health, ca.pem, world, machines, way, clock, faults, scenarios, journal, explain/{id}, advise, grants, federated-tokens, snapshots, reset, save, load and worlds; openapi.yaml describes them."},
	ControlMethod:        {status: 405, code: "MethodNotAllowed", text: "'%s' takes only %s."},
	ControlCrossSite:     {status: 403, code: "CrossSiteRequest", text: "The control API does not answer requests that a web page of another site makes."},
	ControlCaller:        {status: 403, code: "CallerNotAllowed", text: "The control API answers callers on its own host, and this one comes from %s: `linarite serve --control-from` lets it in."},
	ControlBegin:         {status: 403, code: "CallerNotAllowed", text: "There is no world '%s' yet, and callers on Linarite's own host alone begin worlds; this one comes from %s: `linarite serve --control-from` lets it in."},
	ControlWorld:         {status: 404, code: "WorldNotFound", text: "There is no world '%s' here: there are %s."},
	ControlQuery:         {status: 400, code: "InvalidQuery", text: "%s"},
	ControlMediaType:     {status: 415, code: "UnsupportedMediaType", text: "The control API takes bodies of Content-Type: application/json alone, which no web page of another site can send unasked."},
	ControlTooLarge:      {status: 413, code: "BodyTooLarge", text: "The control API takes bodies of at most %d bytes."},
	ControlBody:          {status: 400, code: "InvalidBody", text: "The body is not understood: %s."},
	ControlRequest:       {status: 400, code: "InvalidRequest", text: "%s"},
	ControlUnknown:       {status: 404, code: "NotFound", text: "%s"},
	ControlFull:          {status: 409, code: "LimitReached", text: "%s"},
	ControlLater:         {status: 503, code: "ServiceUnavailable", text: "%s"},
}
