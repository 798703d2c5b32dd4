// Package foreign reads what programs that are no part of this repository found: the replayer of recorded Blob requests
// and the validator of traffic, both beside the checkout.
package foreign
