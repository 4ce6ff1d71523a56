package kit

// Stock is the shop's database entry of a SKU.
type Stock struct {
	// Pieces is how many are in stock; Tracked says whether the shop counts them.
	Pieces  int64
	Tracked bool
	// Price is the list price in minor units of Currency (ISO 4217).
	Price    int64
	Currency string
}

// Stock asks the shop's database. The bool says whether the SKU exists. The manifest grants it as
// database.
func (c *Context) Stock(sku string) (Stock, bool, error) {
	row, ok, err := c.LookUp("stock", sku)
	if !ok {
		return Stock{}, false, err
	}
	price, ok := row.Get("price").Int()
	if !ok {
		return Stock{}, false, ErrUnavailable
	}
	pieces, tracked := row.Get("pieces").Int()
	currency, _ := row.Get("currency").Text()
	return Stock{Pieces: pieces, Tracked: tracked, Price: price, Currency: currency}, true, nil
}
