package ui

// appendJSON writes an encoded value as JSON. Integers that a JavaScript number cannot hold become
// strings of digits.
func appendJSON(dst []byte, in string) []byte {
	v, _ := readValue(in)
	switch v.tag {
	case tagFalse:
		return append(dst, "false"...)
	case tagTrue:
		return append(dst, "true"...)
	case tagInt:
		n, _ := v.int()
		if n > 1<<53-1 || n < -(1<<53-1) {
			return appendJSONText(dst, decimal(n))
		}
		return appendInt(dst, n)
	case tagText:
		return appendJSONText(dst, v.data)
	case tagList, tagRecord:
		return appendJSONEntries(dst, v)
	}
	return append(dst, "null"...)
}

func appendJSONEntries(dst []byte, v value) []byte {
	brackets := "[]"
	if v.tag == tagRecord {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for in := v.data; in != ""; {
		if len(in) < len(v.data) {
			dst = append(dst, ',')
		}
		if v.tag == tagRecord {
			n := int(in[0]) | int(in[1])<<8
			dst = append(appendJSONText(dst, in[2:2+n]), ':')
			in = in[2+n:]
		}
		dst = appendJSON(dst, in)
		_, in = readValue(in)
	}
	return append(dst, brackets[1])
}

func appendJSONText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, upperHex[c>>4], upperHex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
