package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// maxHead bounds the bytes of one head, and of a trailer.
	maxHead = 256 << 10
	// maxInformational bounds the 1xx answers before a final one.
	maxInformational = 16
	// maxChunkLine bounds the line with a chunk's size.
	maxChunkLine = 4 << 10
)

// parseError is what is wrong with an answer, as opposed to with the connection.
type parseError string

func (e parseError) Error() string { return string(e) }

func wrong(format string, args ...any) error { return parseError(fmt.Sprintf(format, args...)) }

// phaseOf tells bytes that are wrong from bytes that did not come.
func phaseOf(err error) string {
	var p parseError
	if errors.As(err, &p) {
		return PhaseParse
	}
	return PhaseRead
}

// readHead reads a head: the first line, the fields, and the empty line. What was read is in
// the answer, whatever the error.
func readHead(br *bufio.Reader) (*Answer, error) {
	a := &Answer{}
	line, err := readLine(br, &a.Raw, maxHead)
	if err != nil {
		return a, err
	}
	if err := a.statusLine(line); err != nil {
		return a, err
	}
	a.Header, err = readFields(br, &a.Raw)
	return a, err
}

func readFields(br *bufio.Reader, raw *[]byte) (Header, error) {
	var h Header
	for {
		line, err := readLine(br, raw, maxHead)
		if err != nil || line == "" {
			return h, err
		}
		f, err := parseField(line)
		if err != nil {
			return h, err
		}
		h = append(h, f)
	}
}

// readLine reads a line without its end, and adds it with its end to raw, which it lets grow
// to limit bytes.
func readLine(br *bufio.Reader, raw *[]byte, limit int) (string, error) {
	start := len(*raw)
	for {
		part, err := br.ReadSlice('\n')
		*raw = append(*raw, part...)
		if len(*raw) > limit {
			return "", wrong("a head, or a line of it, of more than %d bytes", limit)
		}
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull { //nolint:errorlint // ReadSlice returns it bare, and it is no failure
			return "", err
		}
	}
	line := (*raw)[start:]
	if !bytes.HasSuffix(line, []byte("\r\n")) {
		return "", wrong("a line that ends in LF without CR: %s", quote(string(line)))
	}
	line = line[:len(line)-2]
	if i := bytes.IndexAny(line, "\r\x00"); i >= 0 {
		return "", wrong("a line with a CR or NUL inside: %s", quote(string(line)))
	}
	return string(line), nil
}

// statusLine reads "HTTP/1.1 404 Not Found". The reason may be empty, the blank before it not.
func (a *Answer) statusLine(line string) error {
	proto, rest, _ := strings.Cut(line, " ")
	code, reason, blank := strings.Cut(rest, " ")
	switch {
	case proto != "HTTP/1.1" && proto != "HTTP/1.0":
		return wrong("a first line that does not begin with HTTP/1.1 or HTTP/1.0 and a blank: %s", quote(line))
	case len(code) != 3 || strings.Trim(code, "0123456789") != "" || code[0] == '0':
		return wrong("a status that is not three digits, the first of them not 0: %s", quote(line))
	case !blank:
		return wrong("a first line without a blank behind the status: %s", quote(line))
	case hasControl(reason):
		return wrong("a reason with control characters: %s", quote(line))
	}
	a.Proto, a.Reason = proto, reason
	a.Status, _ = strconv.Atoi(code)
	return nil
}

func parseField(line string) (Field, error) {
	name, value, colon := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	switch {
	case line[0] == ' ' || line[0] == '\t':
		return Field{}, wrong("a header field folded over two lines: %s", quote(line))
	case !colon:
		return Field{}, wrong("a header line without a colon: %s", quote(line))
	case !isToken(name):
		return Field{}, wrong("a header field whose name has a character that names do not have: %s", quote(name))
	case hasControl(value):
		return Field{}, wrong("a control character in the value of the header field %s", quote(name))
	}
	return Field{name, value}, nil
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

func hasControl(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// framing tells how the body of an answer ends, and its length where that is known.
func (a *Answer) framing(method string) (framing string, length int64, err error) {
	codings, lengths := a.Header.Values("Transfer-Encoding"), a.Header.Values("Content-Length")
	switch {
	case len(lengths) > 1:
		return "", 0, wrong("%d lengths: %s", len(lengths), quote(strings.Join(lengths, ", ")))
	case len(lengths) == 1 && len(codings) > 0:
		return "", 0, wrong("both Content-Length and Transfer-Encoding")
	case len(codings) > 1 || len(codings) == 1 && !strings.EqualFold(codings[0], "chunked"):
		return "", 0, wrong("a Transfer-Encoding other than chunked: %s", quote(strings.Join(codings, ", ")))
	case len(codings) == 1 && a.Proto != "HTTP/1.1":
		return "", 0, wrong("a Transfer-Encoding in an answer of %s", a.Proto)
	case len(lengths) == 1:
		if length, err = parseLength(lengths[0]); err != nil {
			return "", 0, err
		}
	}
	switch {
	case method == "HEAD", a.Status < 200, a.Status == 204, a.Status == 304, method == "CONNECT" && a.Status < 300:
		return FramingNone, 0, nil
	case len(codings) == 1:
		return FramingChunked, 0, nil
	case len(lengths) == 1:
		return FramingLength, length, nil
	}
	return FramingClose, 0, nil
}

func parseLength(text string) (int64, error) {
	if strings.Trim(text, "0123456789") == "" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, wrong("a Content-Length that is no number of bytes: %s", quote(text))
}

// readBody reads the body of an answer whose head was read. The body is what came, whatever
// the error.
func (a *Answer) readBody(br *bufio.Reader, method string, limit int64) (err error) {
	var length int64
	if a.Framing, length, err = a.framing(method); err != nil {
		return err
	}
	switch a.Framing {
	case FramingLength:
		if length > limit {
			return fmt.Errorf("the answer says that its body has %d bytes; MaxBody is %d", length, limit)
		}
		a.Body, err = readExactly(br, nil, length)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the body ended after %d of %d bytes: %w", len(a.Body), length, err)
		}
		return err
	case FramingChunked:
		return a.readChunks(br, limit)
	case FramingClose:
		a.Body, err = io.ReadAll(io.LimitReader(br, limit+1))
		if int64(len(a.Body)) > limit {
			a.Body = a.Body[:limit]
			return tooLarge(limit)
		}
		return err
	}
	return nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("the answer's body has more than MaxBody, %d bytes", limit)
}

// readExactly adds n bytes to what is there. Memory grows with what comes, not with what was
// announced.
func readExactly(br *bufio.Reader, to []byte, n int64) ([]byte, error) {
	b := bytes.NewBuffer(to)
	got, err := io.CopyN(b, br, n)
	if got < n && err == io.EOF { //nolint:errorlint // CopyN returns it bare
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

func (a *Answer) readChunks(br *bufio.Reader, limit int64) error {
	for {
		var line []byte
		text, err := readLine(br, &line, maxChunkLine)
		if err != nil {
			return stopped(err, len(a.Body), "before its last chunk")
		}
		size, err := chunkSize(text)
		switch {
		case err != nil:
			return err
		case size == 0:
			var raw []byte
			a.Trailer, err = readFields(br, &raw)
			return stopped(err, len(a.Body), "behind its last chunk")
		case size > limit-int64(len(a.Body)):
			return tooLarge(limit)
		}
		if a.Body, err = readExactly(br, a.Body, size); err != nil {
			return stopped(err, len(a.Body), "inside a chunk")
		}
		var end [2]byte
		if _, err := io.ReadFull(br, end[:]); err != nil {
			return stopped(err, len(a.Body), "behind a chunk")
		}
		if string(end[:]) != "\r\n" {
			return wrong("%s behind a chunk of %d bytes, where CR LF should be", quote(string(end[:])), size)
		}
	}
}

// stopped says where a chunked body stopped.
func stopped(err error, after int, where string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the chunked body ended after %d bytes, %s: %w", after, where, io.ErrUnexpectedEOF)
	}
	return err
}

// chunkSize reads the line before a chunk; extensions are ignored.
func chunkSize(line string) (int64, error) {
	digits, _, _ := strings.Cut(line, ";")
	digits = strings.TrimRight(digits, " \t")
	if digits != "" && len(digits) <= 15 && strings.Trim(digits, "0123456789abcdefABCDEF") == "" {
		return strconv.ParseInt(digits, 16, 64)
	}
	return 0, wrong("a chunk whose size is no hexadecimal number: %s", quote(line))
}
