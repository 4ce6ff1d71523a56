package ui

// Forms are the forms of a text by number. Languages use some of them; English has One and Other.
type Forms struct {
	Zero, One, Two, Few, Many, Other static
}

// PluralText returns what Plural shows, for use in an attribute or a longer text.
func PluralText(n int64, forms Forms) string {
	return string(appendPlural(nil, n, forms.pick(n)))
}

func (f *Forms) pick(n int64) string {
	s := f.Other
	switch category(locale.ready().plural, n) {
	case pluralZero:
		s = f.Zero
	case pluralOne:
		s = f.One
	case pluralTwo:
		s = f.Two
	case pluralFew:
		s = f.Few
	case pluralMany:
		s = f.Many
	}
	if s == "" {
		s = f.Other
	}
	return string(s)
}

const (
	pluralZero = iota
	pluralOne
	pluralTwo
	pluralFew
	pluralMany
	pluralOther
)

// category applies a plural rule of Unicode's CLDR to an integer.
func category(rule string, n int64) int {
	u := uint64(n)
	if n < 0 {
		u = -u
	}
	ten, hundred := u%10, u%100
	few := ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14)
	switch rule {
	case "one_other":
		if u == 1 {
			return pluralOne
		}
	case "one_zero_other":
		if u <= 1 {
			return pluralOne
		}
	case "french":
		if u <= 1 {
			return pluralOne
		}
		if u%1_000_000 == 0 {
			return pluralMany
		}
	case "east_slavic":
		if ten == 1 && hundred != 11 {
			return pluralOne
		}
		if few {
			return pluralFew
		}
		return pluralMany
	case "polish":
		if u == 1 {
			return pluralOne
		}
		if few {
			return pluralFew
		}
		return pluralMany
	case "czech":
		if u == 1 {
			return pluralOne
		}
		if u >= 2 && u <= 4 {
			return pluralFew
		}
	case "arabic":
		switch {
		case u == 0:
			return pluralZero
		case u == 1:
			return pluralOne
		case u == 2:
			return pluralTwo
		case hundred >= 3 && hundred <= 10:
			return pluralFew
		case hundred >= 11:
			return pluralMany
		}
	}
	return pluralOther
}

func appendPlural(dst []byte, n int64, form string) []byte {
	for i := 0; i < len(form); i++ {
		if form[i] == '{' && i+2 < len(form) && form[i+1] == 'n' && form[i+2] == '}' {
			dst = appendNumber(dst, n)
			i += 2
		} else {
			dst = append(dst, form[i])
		}
	}
	return dst
}
