package blob

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"sync"
)

// crcPolynomial is that of x-ms-content-crc64, its lowest power in the highest bit.
const crcPolynomial = 0x9A6C9329AC4BC9B5

// crcTable is for few bytes, crcTables for many: the nth has what n zeros behind a byte make of it.
var (
	crcTable  = sync.OnceValue(func() *crc64.Table { return crc64.MakeTable(crcPolynomial) })
	crcTables = sync.OnceValue(func() *[8]crc64.Table {
		tables := &[8]crc64.Table{*crcTable()}
		for n := 1; n < len(tables); n++ {
			for i, sum := range tables[n-1] {
				tables[n][i] = tables[0][byte(sum)] ^ sum>>8
			}
		}
		return tables
	})
)

// crcText is a sum as the service writes it.
func crcText(sum uint64) string {
	return base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(make([]byte, 0, 8), sum))
}

func crcOf(data []byte) string { return crcText(crcSum(data)) }

// crcSum is crc64.Checksum. Of many bytes it sums up four parts at once, because a processor can look up several things
// at a time, but none before it knows the one before; a block costs less than half that way.
func crcSum(data []byte) uint64 {
	part := len(data) / 4 &^ 7
	if part < 1<<10 {
		return crc64.Checksum(data, crcTable())
	}
	t := crcTables()
	a, b, c, d := ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)
	as, bs, cs, ds := data[:part], data[part:2*part], data[2*part:3*part], data[3*part:4*part]
	for len(as) >= 8 && len(bs) >= 8 && len(cs) >= 8 && len(ds) >= 8 {
		a, as = crcStep(t, a^binary.LittleEndian.Uint64(as)), as[8:]
		b, bs = crcStep(t, b^binary.LittleEndian.Uint64(bs)), bs[8:]
		c, cs = crcStep(t, c^binary.LittleEndian.Uint64(cs)), cs[8:]
		d, ds = crcStep(t, d^binary.LittleEndian.Uint64(ds)), ds[8:]
	}
	shift := crcShift(part)
	sum := crcMultiply(shift, ^a) ^ ^b
	sum = crcMultiply(shift, sum) ^ ^c
	sum = crcMultiply(shift, sum) ^ ^d
	return crc64.Update(sum, crcTable(), data[4*part:])
}

// crcStep is what eight bytes make of a register that they were added to.
func crcStep(t *[8]crc64.Table, x uint64) uint64 {
	return t[7][byte(x)] ^ t[6][byte(x>>8)] ^ t[5][byte(x>>16)] ^ t[4][byte(x>>24)] ^
		t[3][byte(x>>32)] ^ t[2][byte(x>>40)] ^ t[1][byte(x>>48)] ^ t[0][byte(x>>56)]
}

// crcShift is what a sum is multiplied by when so many bytes follow: a power of x, by the polynomial.
func crcShift(bytes int) uint64 {
	result, power := uint64(1)<<63, uint64(1)<<(63-8)
	for ; bytes > 0; bytes >>= 1 {
		if bytes&1 != 0 {
			result = crcMultiply(result, power)
		}
		power = crcMultiply(power, power)
	}
	return result
}

// crcMultiply multiplies two remainders by the polynomial.
func crcMultiply(a, b uint64) (product uint64) {
	for ; a != 0; a <<= 1 {
		if a>>63 != 0 {
			product ^= b
		}
		if b = b>>1 ^ b&1*crcPolynomial; b == 0 {
			break
		}
	}
	return product
}
