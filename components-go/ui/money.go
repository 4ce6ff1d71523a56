package ui

// Money is an amount in minor units (cents) of the page's currency.
type Money int64

// Format returns what Amount shows, for use in a longer text.
func (m Money) Format() string { return string(clean(string(appendMoney(nil, int64(m))))) }

func appendMoney(dst []byte, n int64) []byte {
	t := locale.ready()
	pattern, u := t.money, uint64(n)
	if n < 0 {
		pattern, u = t.negative, -u
	}
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '{' && i+2 < len(pattern) && pattern[i+2] == '}' {
			switch pattern[i+1] {
			case 's':
				dst = append(dst, t.symbol...)
				i += 2
				continue
			case 'n':
				dst = t.amount(dst, u)
				i += 2
				continue
			}
		}
		dst = append(dst, pattern[i])
	}
	return dst
}

// amount writes minor units as a number with a fraction.
func (t *table) amount(dst []byte, u uint64) []byte {
	scale := uint64(1)
	for range t.digits {
		scale *= 10
	}
	dst = t.grouped(dst, u/scale)
	if t.digits == 0 {
		return dst
	}
	dst = append(dst, t.decimal...)
	var fraction [18]byte
	for i := t.digits - 1; i >= 0; i-- {
		fraction[i] = byte('0' + u%10)
		u /= 10
	}
	return t.numeral(dst, fraction[:t.digits])
}
