package wire

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// World is one world as the planes see it: its state and the services around it.
type World struct {
	// Name is what the user calls it.
	Name    string
	Cloud   *cloud.Cloud
	Clock   *clock.Clock
	IDs     *ids.Source
	State   *state.Store
	Tokens  *identity.Tokens
	Faults  *fault.Set
	Journal *journal.Journal
	Log     *slog.Logger
	// Started is when the world came to be, by its clock.
	Started time.Time
	// Inside answers the world's requests, for a service that reads from another (Published).
	Inside http.Handler
	// OnInternal is told of every bug met while answering; nil is allowed.
	OnInternal func(error)

	strangers strangers
}

// Origin is what the way in knows about a request's caller.
type Origin struct {
	// World is the name of the world that the caller is in; empty is the one that was opened.
	World string
	// Machine is the name or ARM id of the machine the caller is on; empty leaves it
	// to the caller's address, or else to the world's first machine.
	Machine string
	// Scheme is https where the carrier ended TLS.
	Scheme string
	// PathStyle tells that the way in is for a storage service, with the account as the
	// first segment of the path.
	PathStyle bool
	// Service is the one that a way in with PathStyle is for; empty is Blob storage.
	Service cloud.Service
	// AppServiceSecret is the value that X-IDENTITY-HEADER must have.
	AppServiceSecret string
}

type originKey struct{}

// WithOrigin marks a request's context with its origin.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin of a request, the zero Origin where nobody set one.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
