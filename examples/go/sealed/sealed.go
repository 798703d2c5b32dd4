// Package sealed is code under test that takes no options: it makes its clients itself.
package sealed

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/linarite/linarite/examples/go/reports"
)

// Greeting is what the first report says.
func Greeting(ctx context.Context) (string, error) {
	r, err := reports.New(azcore.ClientOptions{})
	if err != nil {
		return "", err
	}
	return r.Read(ctx, "hello_world.txt")
}
