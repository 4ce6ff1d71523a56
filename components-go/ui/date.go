package ui

import "unicode/utf8"

// DateStyle is one of the three lengths in which a locale writes dates.
type DateStyle uint8

const (
	DateShort  DateStyle = iota // 21/11/2026
	DateMedium                  // 21 Nov 2026
	DateLong                    // 21 November 2026
)

// FormatDate returns what Date shows, for use in a longer text.
func FormatDate(unixMs int64, style DateStyle) string {
	return clean(string(appendDate(nil, unixMs, style)))
}

// civil gives the day of a time in UTC, in the proleptic Gregorian calendar.
func civil(unixMs int64) (year int64, month, day, weekday int) {
	days := unixMs / 86_400_000
	if unixMs%86_400_000 < 0 {
		days--
	}
	weekday = int((days%7 + 11) % 7) // day 0 was a Thursday
	z := days + 719_468
	era := z / 146_097
	if z%146_097 < 0 {
		era--
	}
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day, weekday
}

var datePatterns = [...]struct{ name, fallback string }{
	DateShort:  {"date_short", "y-MM-dd"},
	DateMedium: {"date_medium", "y-MM-dd"},
	DateLong:   {"date_long", "y-MM-dd"},
}

func appendDate(dst []byte, unixMs int64, style DateStyle) []byte {
	if int(style) >= len(datePatterns) {
		style = DateMedium
	}
	pattern := datePatterns[style].fallback
	rec := locale.ready().rec
	setText(&pattern, &rec, datePatterns[style].name)
	year, month, day, weekday := civil(unixMs)
	for i := 0; i < len(pattern); {
		c := pattern[i]
		n := 1
		for i+n < len(pattern) && pattern[i+n] == c {
			n++
		}
		switch {
		case c == 'y':
			dst = appendYear(dst, year, n)
		case c == 'M' && n >= 4:
			dst = append(dst, locale.word("months", month-1)...)
		case c == 'M' && n == 3:
			dst = append(dst, locale.word("months_short", month-1)...)
		case c == 'M':
			dst = appendPadded(dst, month, n)
		case c == 'd':
			dst = appendPadded(dst, day, min(n, 2))
		case c == 'E' && n >= 4:
			dst = append(dst, locale.word("days", weekday)...)
		case c == 'E':
			dst = append(dst, locale.word("days_short", weekday)...)
		case c == '\'':
			dst, n = appendQuoted(dst, pattern[i:])
		default:
			_, size := utf8.DecodeRuneInString(pattern[i:])
			n = size
			dst = append(dst, pattern[i:i+size]...)
		}
		i += n
	}
	return dst
}

// appendQuoted writes what stands between quotes, or a quote for two, and gives how much of the
// pattern that was.
func appendQuoted(dst []byte, pattern string) ([]byte, int) {
	if len(pattern) > 1 && pattern[1] == '\'' {
		return append(dst, '\''), 2
	}
	for i := 1; i < len(pattern); i++ {
		if pattern[i] == '\'' {
			if i+1 < len(pattern) && pattern[i+1] == '\'' {
				dst = append(dst, '\'')
				i++
				continue
			}
			return dst, i + 1
		}
		dst = append(dst, pattern[i])
	}
	return dst, len(pattern)
}

func appendYear(dst []byte, year int64, width int) []byte {
	if width == 2 {
		return appendPadded(dst, int((year%100+100)%100), 2)
	}
	return appendDigits(dst, year)
}

func appendPadded(dst []byte, n, width int) []byte {
	if width >= 2 && n < 10 {
		dst = locale.numeral(dst, []byte{'0'})
	}
	return appendDigits(dst, int64(n))
}

// appendDigits writes an integer without separators, in the numerals of the locale.
func appendDigits(dst []byte, n int64) []byte {
	var b [20]byte
	digits := appendInt(b[:0], n)
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	return locale.numeral(dst, digits)
}
