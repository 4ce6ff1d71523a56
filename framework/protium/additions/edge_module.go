// Package main answers how many pieces of a SKU there are: {"pieces":3}. Grant: database.
package main

import (
	"strconv"

	"protium.dev/components/edge/kit"
)

const errUnknown kit.Error = "there is no such SKU"

func init() { kit.Serve(kit.Module{Handle: handle}) }

func main() {}

func handle(ctx *kit.Context, _ []byte) ([]byte, error) {
	sku, err := ctx.SKU()
	if err != nil {
		return nil, err
	}
	row, found, err := ctx.Stock(sku)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errUnknown
	}
	return append(strconv.AppendInt([]byte(`{"pieces":`), row.Pieces, 10), '}'), nil
}
