package ui

import "unicode/utf8"

// clean gives the text with NUL and invalid bytes replaced by U+FFFD.
//
//go:inline
func clean(s string) string {
	if isOdd(s) {
		return cleanFrom(s, 0)
	}
	return s
}

// Texts are read eight bytes at a time. On the server each turn of a loop also asks whether the
// guest is to be interrupted, so that a turn for each byte would cost several times as much.
const (
	ones   = 0x0101010101010101
	highs  = 0x8080808080808080
	blanks = 0x2020202020202020
)

// isOdd tells whether a text has odd bytes: NUL, or beyond ASCII.
//
//go:inline
func isOdd(s string) bool {
	var odd uint64
	for len(s) >= 8 {
		x := word(s)
		odd |= x | (x - ones)
		s = s[8:]
	}
	x := short(s) | blanks<<(8*len(s))
	return (odd|x|(x-ones))&highs != 0
}

// special is not 0 when one of the eight bytes of x is & < > or ".
//
//go:inline
func special(x uint64) uint64 {
	return holds(x, '&') | holds(x, '<') | holds(x, '>') | holds(x, '"')
}

// holds is not 0 when one of the eight bytes of x is c.
//
//go:inline
func holds(x uint64, c byte) uint64 {
	y := x ^ uint64(c)*ones
	return (y - ones) &^ y & highs
}

// word reads the first eight bytes of a text.
//
//go:inline
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// short reads a text of less than eight bytes.
//
//go:inline
func short(s string) uint64 {
	switch n := len(s); {
	case n >= 4:
		return uint64(uint32(le32(s))) | uint64(uint32(le32(s[n-4:])))<<(8*(n-4))
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1))
	}
	return 0
}

func cleanFrom(s string, from int) string {
	for i := from; i < len(s); {
		if c := s[i]; c-1 < 0x7F {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			out := append(make([]byte, 0, len(s)+8), s[:i]...)
			for _, r := range s[i:] {
				if r == 0 {
					r = utf8.RuneError
				}
				out = utf8.AppendRune(out, r)
			}
			return string(out)
		}
		i += size
	}
	return s
}

// utf16Length counts the UTF-16 code units of clean text.
func utf16Length(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x80 || c >= 0xC0 && c < 0xF0:
			n++
		case c >= 0xF0:
			n += 2
		}
	}
	return n
}

func appendEscaped(dst []byte, s string, attribute bool) []byte {
	s = clean(s)
	from := 0
	for i := 0; i < len(s); i++ {
		if e := escapeOf(s[i], attribute); e != "" {
			dst = append(append(dst, s[from:i]...), e...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

func escapeOf(c byte, attribute bool) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		if attribute {
			return "&quot;"
		}
	}
	return ""
}

const upperHex = "0123456789ABCDEF"

// appendKey writes a row's key as it stands in ids.
func appendKey(dst []byte, e *entry) []byte {
	if e.form == formInt {
		return appendInt(dst, e.n)
	}
	return appendEncoded(dst, clean(e.s))
}

func appendEncoded(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}
