package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const storageType = "Microsoft.Storage/storageAccounts"

func storageOperations() []wire.Operation {
	at := under(storageType) + "/{account}"
	op := func(name, method, path string) wire.Operation {
		return wire.Operation{Name: name, Method: method, Path: path, Type: storageType}
	}
	with := func(o wire.Operation, prepare func(*wire.Call) error, view, update func(*wire.Call, *state.Tx) (wire.Response, error)) wire.Operation {
		o.Prepare, o.View, o.Update = prepare, view, update
		return o
	}
	check := op("StorageAccounts_CheckNameAvailability", "POST", inSubscription("Microsoft.Storage/checkNameAvailability"))
	check.Action = "Microsoft.Storage/checknameavailability/read"
	poll := op("StorageAccounts_CreatePoll", "GET", inSubscription("Microsoft.Storage/locations/{location}/asyncoperations/{operation}"))
	poll.Filtered = true
	return []wire.Operation{
		with(check, readJSON[nameCheck]("StorageAccountCheckNameAvailabilityParameters"), checkAccountName, nil),
		with(poll, nil, pollAccount, nil),
		with(op("StorageAccounts_ListByResourceGroup", "GET", under(storageType)), nil, listAccounts, nil),
		with(op("StorageAccounts_List", "GET", inSubscription(storageType)), nil, listAccounts, nil),
		with(op("StorageAccounts_GetProperties", "GET", at), nil, getAccount, nil),
		with(op("StorageAccounts_Create", "PUT", at), readJSON[accountBody]("StorageAccount"), nil, putAccount),
		with(op("StorageAccounts_Update", "PATCH", at), readJSON[accountBody]("StorageAccount"), nil, patchAccount),
		with(op("StorageAccounts_Delete", "DELETE", at), nil, nil, deleteAccount),
		with(op("StorageAccounts_ListKeys", "POST", at+"/listKeys"), nil, listKeys, nil),
		with(op("StorageAccounts_RegenerateKey", "POST", at+"/regenerateKey"), readKeyName, nil, regenerateKey),
		with(op("StorageAccounts_ListAccountSAS", "POST", at+"/ListAccountSas"), readSAS[accountSASBody], listAccountSAS, nil),
		with(op("StorageAccounts_ListServiceSAS", "POST", at+"/ListServiceSas"), readSAS[serviceSASBody], listServiceSAS, nil),
	}
}

// storageOK is an answer of this provider: JSON without a charset.
func storageOK(body any) wire.Response {
	return wire.Response{Body: body, ContentType: "application/json"}
}

// storageEmpty is an answer without a body, which this provider calls text.
func storageEmpty(status int) wire.Response {
	return wire.Response{Status: status, ContentType: "text/plain; charset=utf-8"}
}

type nameCheck struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type nameAnswer struct {
	Available bool   `json:"nameAvailable"`
	Reason    string `json:"reason,omitempty"`
	Message   string `json:"message,omitempty"`
}

var accountName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)

func checkAccountName(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	name := c.Input.(nameCheck).Name
	answer := nameAnswer{Available: true}
	if kind := accountNameRefusal(tx, name); kind != "" {
		e := apierr.New(kind, name)
		answer = nameAnswer{Reason: "AlreadyExists", Message: e.Message}
		if kind == apierr.StorageAccountName {
			answer.Reason = "AccountNameInvalid"
		}
	}
	return storageOK(answer), nil
}

// accountNameRefusal says why an account cannot be called so, or "".
func accountNameRefusal(tx *state.Tx, name string) apierr.Kind {
	switch {
	case !accountName.MatchString(name):
		return apierr.StorageAccountName
	case tx.Accounts.Has(name):
		return apierr.StorageAccountTaken
	}
	return ""
}

func findAccount(c *wire.Call, tx *state.Tx) (state.StorageAccount, error) {
	if _, err := findGroup(c, tx); err != nil {
		return state.StorageAccount{}, err
	}
	a, ok := tx.Accounts.Get(strings.ToLower(c.Var("account")))
	if !ok || !sameGroup(c, a.SubscriptionID, a.ResourceGroup) {
		return a, missing(c, storageType, c.Var("account"))
	}
	return a, nil
}

func getAccount(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return storageOK(answerAccount(c, a)), nil
}

func listAccounts(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	prefix, err := below(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	out := list[accountAnswer]{Value: []accountAnswer{}}
	for a := range tx.Accounts.All() {
		if strings.HasPrefix(state.ResourceKey(a.ID), prefix) {
			out.Value = append(out.Value, answerAccount(c, a))
		}
	}
	if c.Var("group") != "" {
		return storageOK(out), nil
	}
	return wire.OK(out), nil // put together by the front door
}

// accountBody is what PUT and PATCH read. Members that a world has no use for are let
// through; what only answers have changes nothing.
type accountBody struct {
	SKU *struct {
		Name string `json:"name"`
		Tier any    `json:"tier"`
	} `json:"sku"`
	Kind       string             `json:"kind"`
	Location   string             `json:"location"`
	Tags       *map[string]string `json:"tags"`
	Properties accountSettings    `json:"properties"`

	ID               any `json:"id"`
	Name             any `json:"name"`
	Type             any `json:"type"`
	Identity         any `json:"identity"`
	ExtendedLocation any `json:"extendedLocation"`
	Placement        any `json:"placement"`
	Zones            any `json:"zones"`
}

// accountSettings are the properties that are kept; others are allowed.
type accountSettings struct {
	AccessTier            *string
	AllowBlobPublicAccess *bool
	AllowSharedKeyAccess  *bool
	MinimumTLSVersion     *string
	HTTPSOnly             *bool
}

// skuNames are the replications that an account can have.
func skuNames() []string {
	return []string{
		"Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS",
		"StandardV2_LRS", "StandardV2_ZRS", "StandardV2_GRS", "StandardV2_GZRS", "PremiumV2_LRS", "PremiumV2_ZRS",
	}
}

func accountKinds() []string {
	return []string{"Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"}
}

// one finds a value in a list without regard to case, in the list's spelling.
func one(names []string, name string) (string, bool) {
	i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return "", false
	}
	return names[i], true
}

func putAccount(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(accountBody)
	g, err := writable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	name := c.Var("account")
	location, err := located(c, storageType, body.Location)
	if err != nil {
		return wire.Response{}, err
	}
	a, exists := tx.Accounts.Get(name)
	switch {
	case exists && sameGroup(c, a.SubscriptionID, a.ResourceGroup):
		if a.Location != location {
			return wire.Response{}, elsewhere(a.Name, a.Location, g.Name, location)
		}
		return changeAccount(c, tx, a, body)
	case exists || !accountName.MatchString(name):
		return wire.Response{}, wire.Refuse(accountNameRefusal(tx, name), name)
	}
	a = newAccount(c, g, name, location)
	if body.SKU == nil {
		return wire.Response{}, wire.Refuse(apierr.StorageParameters, "sku")
	}
	if body.Kind == "" {
		return wire.Response{}, wire.Refuse(apierr.StorageParameters, "kind")
	}
	if err := applyAccount(&a, body); err != nil {
		return wire.Response{}, err
	}
	tx.Accounts.Put(a)
	op := start(c, tx, "create-account", a.ID, c.Now)
	at := armid.Subscription(g.SubscriptionID).String() + "/providers/Microsoft.Storage/locations/" + location + "/asyncoperations/" + op.ID
	answer := storageEmpty(http.StatusAccepted).With("Location", strings.Replace(pollURL(c, at), "?", "?monitor=true&", 1))
	return answer.With("Retry-After", pollAfter), nil
}

func newAccount(c *wire.Call, g state.ResourceGroup, name, location string) state.StorageAccount {
	a := state.StorageAccount{
		ID: idIn(g, storageType, name).String(), Name: name, SubscriptionID: g.SubscriptionID, ResourceGroup: g.Name, Location: location,
		CreatedAt: c.Now, MinimumTLSVersion: "TLS1_0", HTTPSOnly: c.Version >= "2019-04-01", AllowBlobPublicAccess: c.Version < "2023-01-01",
	}
	for i, key := range []string{"key1", "key2"} {
		a.Keys[i] = state.AccountKey{Name: key, Value: c.World.IDs.Bytes(64), CreatedAt: c.Now}
	}
	blobstore.DefaultProperties(&a)
	return a
}

// applyAccount merges a body into the account; what the body leaves out stays.
func applyAccount(a *state.StorageAccount, body accountBody) error {
	if body.SKU != nil {
		sku, ok := one(skuNames(), body.SKU.Name)
		if !ok {
			return wire.Refuse(apierr.StorageParameters, "sku.name")
		}
		a.SKU = sku
	}
	if body.Kind != "" {
		kind, ok := one(accountKinds(), body.Kind)
		if !ok {
			return wire.Refuse(apierr.StorageParameters, "kind")
		}
		a.Kind = kind
	}
	if a.AccessTier == "" && a.Kind != "Storage" {
		a.AccessTier = "Hot"
	}
	if err := retag(&a.Tags, body.Tags); err != nil {
		return err
	}
	return applySettings(a, body.Properties)
}

func applySettings(a *state.StorageAccount, p accountSettings) error {
	if p.AccessTier != nil {
		tier, ok := one([]string{"Hot", "Cool", "Cold", "Premium"}, *p.AccessTier)
		if !ok {
			return wire.Refuse(apierr.StorageParameters, "accessTier")
		}
		a.AccessTier = tier
	}
	if p.MinimumTLSVersion != nil {
		version, ok := one([]string{"TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"}, *p.MinimumTLSVersion)
		if !ok {
			return wire.Refuse(apierr.StorageParameters, "minimumTlsVersion")
		}
		a.MinimumTLSVersion = version
	}
	if p.AllowBlobPublicAccess != nil {
		a.AllowBlobPublicAccess = *p.AllowBlobPublicAccess
	}
	if p.AllowSharedKeyAccess != nil {
		a.AllowSharedKeyAccess = p.AllowSharedKeyAccess
	}
	if p.HTTPSOnly != nil {
		a.HTTPSOnly = *p.HTTPSOnly
	}
	return nil
}

func changeAccount(c *wire.Call, tx *state.Tx, a state.StorageAccount, body accountBody) (wire.Response, error) {
	if err := applyAccount(&a, body); err != nil {
		return wire.Response{}, err
	}
	tx.Accounts.Put(a)
	return storageOK(answerAccount(c, a)), nil
}

func patchAccount(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return changeAccount(c, tx, a, c.Input.(accountBody))
}

// pollAccount answers the poll of a creation with the account.
func pollAccount(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	op, err := running(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	id, err := armid.Parse(op.Target)
	if err != nil {
		return wire.Response{}, err
	}
	a, ok := tx.Accounts.Get(strings.ToLower(id.Name()))
	if !ok {
		return wire.Response{}, wire.Refuse(apierr.ARMResourceNotFound, storageType+"/"+id.Name(), id.ResourceGroup())
	}
	return storageOK(answerAccount(c, a)), nil
}

func deleteAccount(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	a, ok := tx.Accounts.Get(strings.ToLower(c.Var("account")))
	if !ok || !sameGroup(c, a.SubscriptionID, a.ResourceGroup) {
		return wire.Response{Status: http.StatusNoContent}, nil
	}
	removeAccount(tx, a.Name)
	forgetAssignments(tx, a.ID)
	return storageEmpty(http.StatusOK), nil
}
