package control

import (
	"net/http"
	"time"

	"github.com/linarite/linarite/emulator/wire"
)

// World is one of the worlds of the process.
type World struct {
	Name string `json:"name"`
	// Opened tells the world that was opened from those that began beside it.
	Opened bool `json:"opened"`
	// Now is the time by the world's clock.
	Now time.Time `json:"now"`
	// Commit counts the changes of its state.
	Commit uint64 `json:"commit"`
}

func (a *api) worlds(*wire.Call) (wire.Response, error) {
	return wire.OK(struct {
		Worlds []World `json:"worlds"`
		// Limit is how many there may be beside the opened one.
		Limit int `json:"limit"`
	}{a.Worlds(), a.Limit}), nil
}

func (a *api) endWorld(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Status: http.StatusNoContent}, a.EndWorld(c.Var("name"))
}
