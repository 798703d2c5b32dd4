package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/linarite/linarite/emulator"
)

// parseSpan reads a span of time; a bare number means seconds.
func parseSpan(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no span of time such as 90 (seconds), 5m or 24h", text)
	}
	return d, nil
}

// parseInstant reads a time.
func parseInstant(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, fmt.Errorf("%q is no instant such as 2030-01-31T12:00:00Z", text)
	}
	return t.UTC(), nil
}

// span and instant are values of flags. They read what parseSpan and parseInstant do, and
// their empty text is the zero value.
type (
	span    time.Duration
	instant time.Time
)

func (s *span) String() string {
	if s == nil || *s == 0 {
		return ""
	}
	return time.Duration(*s).String()
}

func (s *span) Set(text string) error {
	d, err := parseSpan(text)
	*s = span(d)
	return err
}

func (*span) Type() string { return "duration" }

func (i *instant) String() string {
	if i == nil || time.Time(*i).IsZero() {
		return ""
	}
	return time.Time(*i).Format(time.RFC3339Nano)
}

func (i *instant) Set(text string) error {
	t, err := parseInstant(text)
	*i = instant(t)
	return err
}

func (*instant) Type() string { return "instant" }

// usage marks an error as wrong usage.
func usage(err error) error { return fmt.Errorf("%w: %w", emulator.ErrUsage, err) }
