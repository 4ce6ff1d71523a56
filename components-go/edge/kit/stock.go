package kit

import "protium.dev/components/edge/kit/internal/host"

// Stock is what the shop's database says of a SKU.
type Stock struct {
	// Pieces is how many there are; Tracked says whether anybody counts them.
	Pieces  int64
	Tracked bool
	// Price is the list price in minor units of Currency (ISO 4217).
	Price    int64
	Currency string
}

// Stock asks the shop's database. The bool says whether there is such a SKU. The manifest grants it as database.
func (c *Context) Stock(sku string) (Stock, bool, error) {
	length := host.Stock(sku)
	switch {
	case length == codeAbsent:
		return Stock{}, false, nil
	case length < 0:
		return Stock{}, false, failure(length)
	}
	row, ok := readRecord(take(length))
	if !ok {
		return Stock{}, false, ErrUnavailable
	}
	pieces, tracked := number(row.get("stock"))
	price, _ := number(row.get("price"))
	return Stock{Pieces: pieces, Tracked: tracked, Price: price, Currency: string(payload(row.get("currency")))}, true, nil
}
