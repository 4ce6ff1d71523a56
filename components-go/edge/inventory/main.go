// Package main answers how many pieces of a SKU are in stock: from the node's own store, else from
// the shop's database, whose answer it stores.
//
// Environment: SKU_ID; WASM_CACHE_TTL, how long an answer is stored (default 30 s).
// Grants: the key prefix stock:, database, clock.
package main

import (
	"time"

	"protium.dev/components/edge/kit"
)

const (
	timeToLive = 30 * time.Second

	errUnknown kit.Error = "the shop has no such SKU"
)

func init() { kit.Serve(kit.Module{Handle: handle}) }

func main() {}

func handle(ctx *kit.Context, _ []byte) ([]byte, error) {
	sku, err := ctx.SKU()
	if err != nil {
		return nil, err
	}
	key := "stock:" + sku
	stored, found, err := ctx.Get(key)
	reachable := err == nil
	if found {
		if _, ok := kit.ReadAnswer(stored, sku); ok {
			return stored, nil
		}
	}
	row, found, err := ctx.Stock(sku)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errUnknown
	}
	answer := kit.Answer{SKU: sku, Price: row.Price, Currency: row.Currency, TS: ctx.Now()}
	if row.Tracked {
		answer.Stock = &row.Pieces
	}
	text := answer.JSON()
	if reachable {
		if err := ctx.Set(key, text, ctx.Duration("WASM_CACHE_TTL", timeToLive)); err != nil {
			ctx.Log("the answer could not be stored: " + err.Error())
		}
	}
	return text, nil
}
