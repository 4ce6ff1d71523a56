package ui

import "unicode/utf8"

// clean gives the text with NUL and invalid bytes replaced by U+FFFD.
func clean(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i]-1 >= 0x7F {
			return cleanFrom(s, i)
		}
	}
	return s
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
