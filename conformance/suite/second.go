package suite

import (
	"context"
	"time"

	"github.com/onsi/gomega/types"
)

// NextSecond asks again and again until the matcher holds, as Eventually does, where all that it
// waits for is that the target's clock goes on by a second or two: the time for settling may be
// much longer, or shorter.
func (c Check) NextSecond(ctx context.Context, ask func(ctx context.Context) any, m types.GomegaMatcher) {
	const limit = 4 * time.Second
	var last any
	ok := c.t.poll(ctx, limit, func(ctx context.Context) bool {
		last = ask(ctx)
		ok, err := m.Match(last)
		return err == nil && ok
	})
	if !ok {
		c.t.cutShort(ctx)
	}
	c.Expect(last, "seconds later").To(m)
}
