// Package wire sends any request of HTTP/1.1, right or wrong, byte for byte, and shows the whole
// answer: names and order of the fields as they came, the head as bytes, how the body was framed.
//
// A Request that sets no knob goes out right. What is wrong about others was asked for: another
// target, no Host, no length, a message cut short, or bytes of the caller's. What comes back is
// held to the letter of RFC 9112: two lengths, a bare line feed or a body cut short are an *Error
// that says what was seen, and keeps it.
//
// A Transport is the one seam. Client is the one over the network, which dials itself and knows
// no proxies, redirects or retries but the one that Client describes.
//
// Package sign, below this one, signs requests and makes shared access signatures in steps that
// can be got wrong one by one.
package wire
