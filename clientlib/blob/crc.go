package blob

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"sync"
)

// crcTable is that of the polynomial of x-ms-content-crc64.
var crcTable = sync.OnceValue(func() *crc64.Table { return crc64.MakeTable(0x9A6C9329AC4BC9B5) })

// crcText is a sum as the service writes it.
func crcText(sum uint64) string {
	return base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(make([]byte, 0, 8), sum))
}

func crcOf(data []byte) string { return crcText(crc64.Checksum(data, crcTable())) }
