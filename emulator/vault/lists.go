package vault

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// maxPage is how many items a page has at most, and unless fewer are asked for.
const maxPage = 25

// list is an answer with a page; nextLink is there even when it is null.
type list struct {
	Value    []item  `json:"value"`
	NextLink *string `json:"nextLink"`
}

func listSecrets(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	return paged(c, func(after string) (iter.Seq2[string, item], error) {
		return func(yield func(string, item) bool) {
			for s := range vaultstore.Current(tx, v, after) {
				if !yield(s.Name, itemOf(c, v, &s, "")) {
					return
				}
			}
		}, nil
	})
}

func listVersions(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	if err := vaultstore.CheckName(c.Var("name")); err != nil {
		return wire.Response{}, err
	}
	return paged(c, func(after string) (iter.Seq2[string, item], error) {
		return func(yield func(string, item) bool) {
			for s := range vaultstore.Versions(tx, v, c.Var("name"), strings.ToLower(after)) {
				if !yield(s.Version, itemOf(c, v, &s, s.Version)) {
					return
				}
			}
		}, nil
	})
}

func listDeleted(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	return paged(c, func(after string) (iter.Seq2[string, item], error) {
		all, err := vaultstore.DeletedSecrets(tx, v, after, c.Now)
		if err != nil {
			return nil, err
		}
		return func(yield func(string, item) bool) {
			for d := range all {
				if !yield(d.Name, deletedItem(c, v, &d)) {
					return
				}
			}
		}, nil
	})
}

// paged answers with one page of what follows a key, items with their keys in order.
func paged(c *wire.Call, following func(after string) (iter.Seq2[string, item], error)) (wire.Response, error) {
	limit, asked, err := pageSize(c)
	if err != nil {
		return wire.Response{}, err
	}
	after := ""
	if token := c.Query.Get("$skiptoken"); token != "" {
		var ok bool
		if after, ok = parseSkipToken(token); !ok {
			return wire.Response{}, wire.Refuse(apierr.VaultSkipToken, token)
		}
	}
	items, err := following(after)
	if err != nil {
		return wire.Response{}, err
	}
	page, last := list{Value: []item{}}, ""
	for key, it := range items {
		if len(page.Value) == limit {
			next := nextLink(c, last, asked)
			page.NextLink = &next
			break
		}
		page.Value, last = append(page.Value, it), key
	}
	return wire.OK(page), nil
}

func pageSize(c *wire.Call) (limit int, asked bool, err error) {
	if !c.Query.Has("maxresults") {
		return maxPage, false, nil
	}
	limit, err = strconv.Atoi(c.Query.Get("maxresults"))
	if err != nil || limit < 1 || limit > maxPage {
		return 0, true, wire.Refuse(apierr.VaultProperty, "maxresults")
	}
	return limit, true, nil
}

// nextLink names the port even where it is the usual one, leaves the dollar as it is, and
// repeats maxresults where it was asked for: the service's form (KV-SECRET-033).
func nextLink(c *wire.Call, key string, asked bool) string {
	_, port, err := net.SplitHostPort(c.Request.Host)
	if err != nil {
		port = "443"
	}
	link := "https://" + c.Host + ":" + port + c.Path + "?api-version=" + c.Version + "&$skiptoken=" + skipToken(key)
	if asked {
		link += "&maxresults=" + c.Query.Get("maxresults")
	}
	return link
}

// marker is what a skip token hides, as the service's does.
type marker struct {
	NextMarker     string
	TargetLocation int
}

// skipToken makes a token of the key that a page ended with; keys are listed by their
// upper-case form.
func skipToken(key string) string {
	hidden := base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(key)))
	text, _ := json.Marshal(marker{NextMarker: fmt.Sprintf("2!%d!%s", len(hidden), hidden)}) // two plain members
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseSkipToken returns the key of a token, and whether it was one.
func parseSkipToken(token string) (string, bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	var m marker
	if err != nil || json.Unmarshal(text, &m) != nil {
		return "", false
	}
	parts := strings.Split(m.NextMarker, "!")
	if len(parts) != 3 || parts[0] != "2" || parts[1] != strconv.Itoa(len(parts[2])) {
		return "", false
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	return string(key), err == nil && len(key) > 0
}
