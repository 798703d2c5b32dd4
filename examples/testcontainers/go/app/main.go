// Command app prints a report. The tests run it in a container.
//
// usage: app NAME
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/linarite/linarite/examples/testcontainers/go/reports"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: app NAME")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := reports.Read(ctx, os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
