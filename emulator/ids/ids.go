package ids

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 9562 defines version 5 with SHA-1; nothing here is a secret.
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync/atomic"
)

// Seed is what a Source starts from.
type Seed [32]byte

// RandomSeed is a seed nobody can foresee.
func RandomSeed() Seed {
	var s Seed
	_, _ = rand.Read(s[:]) // never fails, see crypto/rand
	return s
}

// NamedSeed is the seed that belongs to a name.
func NamedSeed(name string) Seed { return sha256.Sum256([]byte("linarite seed " + name)) }

// Source hands out identifiers. It is safe for concurrent use; two callers never
// get the same one.
type Source struct{ series atomic.Pointer[series] }

// series is what one seed gives: block by block.
type series struct {
	seed Seed
	next atomic.Uint64
}

// New makes a Source at its first position.
func New(seed Seed) *Source {
	s := &Source{}
	s.Resume(seed, 0)
	return s
}

// Position tells how many blocks were drawn.
func (s *Source) Position() uint64 { return s.series.Load().next.Load() }

// Restore puts the source back, or ahead, to a position.
func (s *Source) Restore(position uint64) { s.series.Load().next.Store(position) }

// Resume goes on with the series of another seed, from a position.
func (s *Source) Resume(seed Seed, position uint64) {
	next := &series{seed: seed}
	next.next.Store(position)
	s.series.Store(next)
}

// Seed returns the seed, so that a failing run can be repeated.
func (s *Source) Seed() Seed { return s.series.Load().seed }

func (s *Source) block() [32]byte {
	now := s.series.Load()
	var in [40]byte
	copy(in[:], now.seed[:])
	binary.BigEndian.PutUint64(in[32:], now.next.Add(1))
	return sha256.Sum256(in[:])
}

// worlds counts the numbers that Unique gave away in this process.
var worlds atomic.Uint64

// Unique is a number that nothing else in this process was given: it tells worlds apart
// whose seeds are the same.
func Unique() uint64 { return worlds.Add(1) }

// GUID is a fresh GUID, version 4 layout, lower case with dashes.
func (s *Source) GUID() string {
	b := s.block()
	return format([16]byte(b[:16]), 4)
}

// Token is n bytes of identifier as unpadded base64url; n is at most 32.
func (s *Source) Token(n int) string {
	b := s.block()
	return base64.RawURLEncoding.EncodeToString(b[:min(n, len(b))])
}

// Bytes is n bytes that nobody can foresee who does not know the seed.
func (s *Source) Bytes(n int) []byte {
	var out []byte
	for len(out) < n {
		b := s.block()
		out = append(out, b[:]...)
	}
	return out[:n]
}

// NamedBytes are the 64 bytes that a path of names always has: what a world file leaves
// out. Names compare without regard to case.
func NamedBytes(names ...string) []byte {
	sum := sha512.Sum512([]byte("linarite bytes " + strings.ToLower(strings.Join(names, "/"))))
	return sum[:]
}

// Hex is n bytes of identifier as lower-case hex; n is at most 32.
func (s *Source) Hex(n int) string {
	b := s.block()
	return hex.EncodeToString(b[:min(n, len(b))])
}

// Named is the GUID that a path of names always has: version 5 over the names
// joined by "/", within the given namespace GUID. Names compare without regard to
// case, as Azure's do. A namespace that is not a GUID counts as a name.
func Named(namespace string, names ...string) string {
	h := sha1.New() //nolint:gosec // see the import
	if ns, ok := parse(namespace); ok {
		h.Write(ns[:])
	} else {
		h.Write([]byte(strings.ToLower(namespace) + "/"))
	}
	h.Write([]byte(strings.ToLower(strings.Join(names, "/"))))
	return format([16]byte(h.Sum(nil)[:16]), 5)
}

// IsGUID tells whether s is a GUID in 8-4-4-4-12 form, either case.
func IsGUID(s string) bool {
	_, ok := parse(s)
	return ok
}

func parse(s string) ([16]byte, bool) {
	var out [16]byte
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return out, false
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	_, err := hex.Decode(out[:], []byte(digits))
	return out, err == nil
}

func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[:], b[:4])
	out[8] = '-'
	hex.Encode(out[9:], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:], b[10:])
	return string(out[:])
}
