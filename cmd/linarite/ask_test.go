package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// askMain is a small client, for scripts where there may be no curl: it makes a request
// and prints the status.
//
//	ask [-X METHOD] [-d BODY] [-t FILE] [-H HEADER] URL
//
// -t sends the token in the file. It heeds the proxy of the environment, and trusts the
// authority in SSL_CERT_FILE on every system.
func askMain() {
	status, err := ask(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(status)
}

func ask(args []string) (int, error) {
	f := flag.NewFlagSet("ask", flag.ContinueOnError)
	method, body, token, header := f.String("X", "GET", ""), f.String("d", "", ""), f.String("t", "", ""), f.String("H", "", "")
	if err := f.Parse(args); err != nil {
		return 0, err
	}
	req, err := http.NewRequest(*method, f.Arg(0), strings.NewReader(*body)) //nolint:noctx // a program of its own
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if name, value, ok := strings.Cut(*header, ": "); ok {
		req.Header.Set(name, value)
	}
	if *token != "" {
		text, err := os.ReadFile(*token)
		if err != nil {
			return 0, err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(text)))
	}
	roots := x509.NewCertPool()
	if pem, err := os.ReadFile(os.Getenv("SSL_CERT_FILE")); err == nil {
		roots.AppendCertsFromPEM(pem)
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
