package kit

import (
	"strconv"
	"unicode/utf8"
)

// Answer is the answer of inventory and price modules about a SKU.
type Answer struct {
	SKU string
	// Stock is the number of pieces; nil when it is not known or not tracked.
	Stock *int64
	// Price is in minor units of Currency (ISO 4217).
	Price    int64
	Currency string
	// TS is when stock and price were read, in Unix milliseconds.
	TS int64
	// Stale marks an earlier price, because the current one is not available.
	Stale bool
}

// JSON is {"sku","stock","price","currency","ts"}, with "stale":true for a stale price.
func (a Answer) JSON() []byte {
	b := make([]byte, 0, 96+len(a.SKU))
	b = append(b, `{"sku":`...)
	b = appendJSONText(b, a.SKU)
	b = append(b, `,"stock":`...)
	if a.Stock == nil {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, *a.Stock, 10)
	}
	b = append(b, `,"price":`...)
	b = strconv.AppendInt(b, a.Price, 10)
	b = append(b, `,"currency":`...)
	b = appendJSONText(b, a.Currency)
	b = append(b, `,"ts":`...)
	b = strconv.AppendInt(b, a.TS, 10)
	if a.Stale {
		b = append(b, `,"stale":true`...)
	}
	return append(b, '}')
}

// ReadAnswer reads what JSON wrote. The bool says whether it is an answer about this SKU.
func ReadAnswer(b []byte, sku string) (Answer, bool) {
	j, ok := ParseJSON(b)
	if !ok {
		return Answer{}, false
	}
	a := Answer{Stale: string(j.Get("stale")) == "true"}
	if pieces, ok := j.Get("stock").Int(); ok {
		a.Stock = &pieces
	}
	var is [4]bool
	a.SKU, is[0] = j.Get("sku").Text()
	a.Price, is[1] = j.Get("price").Int()
	a.Currency, is[2] = j.Get("currency").Text()
	a.TS, is[3] = j.Get("ts").Int()
	return a, is == [4]bool{true, true, true, true} && a.SKU == sku
}

func appendJSONText(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		i++
	}
	return append(b, '"')
}
