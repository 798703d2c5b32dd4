package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/linarite/linarite/clientlib/wire"
)

// echo answers with the request's target, and a field whose name has a case of its own.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header()["x-ms-meta-fooBar"] = []string{"1"}
	_, _ = io.WriteString(w, r.RequestURI)
}

// A right request: all that follows the host goes out as it is, and names come back as they were.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	var client wire.Client
	defer client.CloseIdle()

	answer, err := client.Send(context.Background(), &wire.Request{
		URL:    server.URL + "/c//%2e%2E/b?comp=%6Cist",
		Header: wire.Header{{Name: "x-ms-version", Value: "2021-12-02"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status, answer.Reason, answer.Framing)
	fmt.Println(answer.Header[0].Name)
	fmt.Printf("%s\n", answer.Body)
	// Output:
	// 200 OK length
	// x-ms-meta-fooBar
	// /c//%2e%2E/b?comp=%6Cist
}

// A wrong request: HTTP/1.1 without a Host.
func ExampleRequest() {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	var client wire.Client
	defer client.CloseIdle()

	request := &wire.Request{URL: server.URL + "/"}
	wrong := request.Clone()
	wrong.NoHost = true
	for _, r := range []*wire.Request{request, wrong} {
		answer, err := client.Send(context.Background(), r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(answer.Status)
	}
	// Output:
	// 200
	// 400
}

// An answer that is none: what came is kept.
func ExampleError() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		_, _ = io.WriteString(w, "he")
	}))
	defer server.Close()
	var client wire.Client

	_, err := client.Send(context.Background(), &wire.Request{URL: server.URL})
	var failure *wire.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Phase, failure.Err)
		fmt.Printf("%s\n", failure.Answer.Body)
	}
	// Output:
	// read the body ended after 2 of 5 bytes: unexpected EOF
	// he
}

// What the services of Azure say about a refusal, whichever envelope it has.
func ExampleParseError() {
	code, message, requestID := wire.ParseError(&wire.Answer{
		Status: 404,
		Body:   []byte("\ufeff<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.\nRequestId:1\nTime:2</Message></Error>"),
	})
	fmt.Println(code, message, requestID)
	// Output: BlobNotFound The specified blob does not exist. 1
}

// What will go out, without sending it.
func ExampleRequest_Fields() {
	r := &wire.Request{URL: "http://127.0.0.1:10000/acct//b?x=%2f"}
	target, err := r.RequestTarget()
	fmt.Println(target, err)
	fields, err := r.Fields()
	fmt.Println(fields[0].Name, fields[0].Value, err)
	// Output:
	// /acct//b?x=%2f <nil>
	// Host 127.0.0.1:10000 <nil>
}
