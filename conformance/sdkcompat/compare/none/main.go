// Command none is what any program of the kind has in it: an HTTP client, TLS, JSON.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

func main() {
	resp, err := http.Get("https://localhost/")
	if err == nil {
		err = json.NewDecoder(resp.Body).Decode(new(any))
		_ = resp.Body.Close()
	}
	fmt.Println(err)
}
