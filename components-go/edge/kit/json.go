package kit

import "strconv"

// JSON is a value of a valid document.
type JSON []byte

// jsonDepth is how many arrays and objects may stand inside one another.
const jsonDepth = 32

// ParseJSON checks a whole document. The bool says whether it is valid.
func ParseJSON(b []byte) (JSON, bool) {
	start := space(b, 0)
	end := jsonEnd(b, start, 0)
	if end < 0 || space(b, end) != len(b) {
		return nil, false
	}
	return JSON(b[start:end]), true
}

// Get is the member of an object; nil when there is none.
func (j JSON) Get(key string) JSON {
	var found JSON
	j.members(func(name, value JSON) bool {
		if text, ok := name.Text(); ok && text == key {
			found = value
			return false
		}
		return true
	})
	return found
}

// Items are the values of an array.
func (j JSON) Items() []JSON {
	if len(j) == 0 || j[0] != '[' {
		return nil
	}
	var items []JSON
	for at := space(j, 1); j[at] != ']'; {
		end := jsonEnd(j, at, 0)
		items = append(items, j[at:end])
		if at = space(j, end); j[at] == ',' {
			at = space(j, at+1)
		}
	}
	return items
}

func (j JSON) members(each func(name, value JSON) bool) {
	if len(j) == 0 || j[0] != '{' {
		return
	}
	for at := space(j, 1); j[at] != '}'; {
		name := jsonEnd(j, at, 0)
		start := space(j, space(j, name)+1)
		end := jsonEnd(j, start, 0)
		if !each(j[at:name], j[start:end]) {
			return
		}
		if at = space(j, end); j[at] == ',' {
			at = space(j, at+1)
		}
	}
}

// Int is the value as an integer; the bool says whether it is one that fits.
func (j JSON) Int() (int64, bool) {
	n, err := strconv.ParseInt(string(j), 10, 64)
	return n, err == nil
}

// Text is the value as a string; the bool says whether it is one.
func (j JSON) Text() (string, bool) {
	if len(j) < 2 || j[0] != '"' {
		return "", false
	}
	inner := j[1 : len(j)-1]
	text := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			text = append(text, inner[i])
			continue
		}
		i++
		switch inner[i] {
		case 'n':
			text = append(text, '\n')
		case 't':
			text = append(text, '\t')
		case 'r':
			text = append(text, '\r')
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'u':
			r := hex4(inner[i+1:])
			i += 4
			if r >= 0xD800 && r < 0xDC00 && i+6 < len(inner) && inner[i+1] == '\\' && inner[i+2] == 'u' {
				if low := hex4(inner[i+3:]); low >= 0xDC00 && low < 0xE000 {
					r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
					i += 6
				}
			}
			text = append(text, string(r)...)
		default:
			text = append(text, inner[i])
		}
	}
	return string(text), true
}

func hex4(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(n)
}

func space(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\t' || b[at] == '\r') {
		at++
	}
	return at
}

// jsonEnd is where the value at this offset ends; -1 for an invalid one.
func jsonEnd(b []byte, at, depth int) int {
	if at >= len(b) || depth > jsonDepth {
		return -1
	}
	switch c := b[at]; {
	case c == '{':
		return membersEnd(b, at+1, depth+1, '}')
	case c == '[':
		return membersEnd(b, at+1, depth+1, ']')
	case c == '"':
		return stringEnd(b, at+1)
	case c == 't':
		return wordEnd(b, at, "true")
	case c == 'f':
		return wordEnd(b, at, "false")
	case c == 'n':
		return wordEnd(b, at, "null")
	default:
		return numberEnd(b, at)
	}
}

func membersEnd(b []byte, at, depth int, closing byte) int {
	at = space(b, at)
	if at < len(b) && b[at] == closing {
		return at + 1
	}
	for {
		if closing == '}' {
			if at >= len(b) || b[at] != '"' {
				return -1
			}
			if at = stringEnd(b, at+1); at < 0 {
				return -1
			}
			if at = space(b, at); at >= len(b) || b[at] != ':' {
				return -1
			}
			at = space(b, at+1)
		}
		if at = jsonEnd(b, at, depth); at < 0 {
			return -1
		}
		at = space(b, at)
		if at >= len(b) {
			return -1
		}
		if b[at] == closing {
			return at + 1
		}
		if b[at] != ',' {
			return -1
		}
		at = space(b, at+1)
	}
}

func stringEnd(b []byte, at int) int {
	for ; at < len(b); at++ {
		switch c := b[at]; {
		case c == '"':
			return at + 1
		case c < 0x20:
			return -1
		case c == '\\':
			at++
			if at >= len(b) {
				return -1
			}
			switch b[at] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for i := 0; i < 4; i++ {
					at++
					if at >= len(b) || !isHex(b[at]) {
						return -1
					}
				}
			default:
				return -1
			}
		}
	}
	return -1
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func wordEnd(b []byte, at int, word string) int {
	if len(b)-at < len(word) || string(b[at:at+len(word)]) != word {
		return -1
	}
	return at + len(word)
}

func numberEnd(b []byte, at int) int {
	if b[at] == '-' {
		at++
	}
	whole := digits(b, at)
	if whole == at || b[at] == '0' && whole > at+1 {
		return -1
	}
	at = whole
	if at < len(b) && b[at] == '.' {
		end := digits(b, at+1)
		if end == at+1 {
			return -1
		}
		at = end
	}
	if at < len(b) && (b[at] == 'e' || b[at] == 'E') {
		at++
		if at < len(b) && (b[at] == '+' || b[at] == '-') {
			at++
		}
		end := digits(b, at)
		if end == at {
			return -1
		}
		at = end
	}
	return at
}

func digits(b []byte, at int) int {
	for at < len(b) && b[at] >= '0' && b[at] <= '9' {
		at++
	}
	return at
}
