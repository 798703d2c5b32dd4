// Package proxy lets clients reach the emulator by its production names through the
// variables http_proxy and https_proxy.
//
// It is an HTTP/1.1 forward proxy over an http.Handler, and shares that handler's
// port: a request in absolute form (RFC 9112, section 3.2.2) or a CONNECT (RFC 9110,
// section 9.3.6) is the proxy's, everything else goes to the handler untouched.
//
//   - Hosts the emulator serves are answered by the handler, which sees the request
//     as if the client had come directly. CONNECT ends here: TLS with our
//     certificate, or plain HTTP for clients that tunnel that too.
//   - Azure names nobody serves are refused, never passed on, and so are link-local
//     and metadata addresses: nothing meant for Azure leaves the machine.
//   - Everything else is passed on for its caller, as a proxy does (RFC 9110,
//     section 7.6), unless Offline; CONNECT is then a blind tunnel. It goes by another
//     proxy where Chain names one. What is on loopback is for callers on loopback alone.
//
// The user of Proxy-Authorization says where its caller is (Place), for each request and
// for each tunnel. Otherwise whoever can connect to the proxy can use it: bind it to loopback.
package proxy
