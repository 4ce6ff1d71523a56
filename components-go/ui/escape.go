package ui

import "unicode/utf8"

// clean gives the text with NUL and invalid bytes replaced by U+FFFD.
func clean(s string) string {
	if odd, _ := survey(s); odd {
		return cleanFrom(s, 0)
	}
	return s
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// survey tells whether a text has odd bytes (NUL, or beyond ASCII), and whether it has one of & < >
// and ". It reads eight bytes at a time: most texts have neither.
func survey(s string) (odd, marked bool) {
	var strange, special uint64
	for len(s) >= 8 {
		x := word(s)
		strange |= x | (x - ones)
		special |= holds(x, '&') | holds(x, '<') | holds(x, '>') | holds(x, '"')
		s = s[8:]
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c-1 >= 0x7F {
			strange = highs
		}
		if c == '&' || c == '<' || c == '>' || c == '"' {
			special = highs
		}
	}
	return strange&highs != 0, special != 0
}

// word reads the first eight bytes of a text.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// holds is not 0 when one of the eight bytes of x is c.
func holds(x uint64, c byte) uint64 {
	y := x ^ uint64(c)*ones
	return (y - ones) &^ y & highs
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
