package ui

// holdsURL tells whether an attribute holds an address.
func holdsURL(name string) bool {
	switch len(name) {
	case 3:
		return name == "src"
	case 4:
		return name == "href" || name == "cite" || name == "data"
	case 6:
		return name == "action" || name == "poster"
	case 10:
		return name == "formaction" || name == "xlink:href"
	}
	return false
}

// safeURL gives the address, or about:invalid unless it is relative or of one of the harmless
// schemes. Like browsers it ignores control characters and blanks around an address, and tabs and
// line ends inside it, so that these cannot hide a scheme.
func safeURL(s string) string {
	var scheme [8]byte
	n, started := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\t' || c == '\n' || c == '\r' || !started && c <= ' ':
			continue
		case c == ':':
			switch string(scheme[:min(n, len(scheme))]) {
			case "http", "https", "mailto", "tel":
				return s
			}
			return "about:invalid"
		case c == '/' || c == '?' || c == '#':
			return s
		}
		started = true
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if n < len(scheme) {
			scheme[n] = c
		}
		n++
	}
	return s
}
