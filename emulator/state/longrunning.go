package state

import "time"

// LongRunning is an operation of Resource Manager that goes on after its answer: what
// a client polls.
type LongRunning struct {
	// ID is what the poll URL ends in.
	ID             string
	SubscriptionID string
	// Kind says what it does, such as "delete-group".
	Kind string
	// Target is the ARM id it is about.
	Target string
	// Principal is the object id of whoever began it.
	Principal string
	Started   time.Time
	// Done is the instant, by the world's clock, from which polls find it finished.
	Done time.Time
}

var longRunning = &definition[LongRunning]{
	name: "longRunning",
	key:  func(l LongRunning) string { return l.ID },
}
