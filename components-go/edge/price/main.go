// Package main answers what a SKU costs in a region. It asks the regional aggregator for the list
// price, the region's price list and the running promotions, concurrently. When one of them does
// not arrive in time it answers with the last known price, marked stale.
//
// Environment: SKU_ID; EDGE_REGION; AGG_TIMEOUT_MS (default 150). Grants: the backend aggregator
// with GET; the key prefixes price: and, for the stock beside the price, stock:; clock.
//
// The aggregator's endpoints; the last two may answer 404:
//
//	GET /list-price?sku=S            {"price":1999,"currency":"EUR"}
//	GET /price-list?region=R&sku=S   {"price":1899,"currency":"EUR"}
//	GET /promotions?region=R&sku=S   {"promotions":[{"percent":10}]}, of which the best one counts
//
// Prices are whole minor units.
package main

import (
	"time"

	"protium.dev/components/edge/kit"
)

const (
	defaultTimeout = 150 * time.Millisecond
	// remembered is how long the last known price is stored.
	remembered = 7 * 24 * time.Hour

	errNoPrice kit.Error = "the aggregator has no answer and no earlier price is known"
	errAnswer  kit.Error = "the aggregator's answer is invalid"
	errStatus  kit.Error = "the aggregator refuses to answer"
)

func init() { kit.Serve(kit.Module{Handle: handle}) }

func main() {}

func handle(ctx *kit.Context, _ []byte) ([]byte, error) {
	sku, err := ctx.SKU()
	if err != nil {
		return nil, err
	}
	region := ctx.Env("EDGE_REGION")
	key := "price:" + region + ":" + sku
	price, currency, err := ask(ctx, region, sku)
	if err != nil {
		ctx.Log("the current price is not available: " + err.Error())
		return lastKnown(ctx, key, sku)
	}
	answer := kit.Answer{
		SKU:      sku,
		Stock:    stock(ctx, sku),
		Price:    price,
		Currency: currency,
		TS:       ctx.Now(),
	}
	text := answer.JSON()
	if err := ctx.Set(key, text, remembered); err != nil {
		ctx.Log("the price could not be stored: " + err.Error())
	}
	return text, nil
}

func lastKnown(ctx *kit.Context, key, sku string) ([]byte, error) {
	stored, found, err := ctx.Get(key)
	if err != nil {
		return nil, err
	}
	answer, ok := kit.ReadAnswer(stored, sku)
	if !found || !ok {
		return nil, errNoPrice
	}
	answer.Stale = true
	answer.Stock = stock(ctx, sku)
	return answer.JSON(), nil
}

// stock is the last answer of the inventory module, from the store.
func stock(ctx *kit.Context, sku string) *int64 {
	stored, _, err := ctx.Get("stock:" + sku)
	if err != nil {
		return nil
	}
	answer, _ := kit.ReadAnswer(stored, sku)
	return answer.Stock
}
