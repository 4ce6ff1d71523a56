// Package main answers whether a book can be had at once, and on which shelf it stands.
//
// It is asked about a SKU, and answers {"pieces":3,"shelf":12}. Grant: database.
package main

import (
	"strconv"

	"github.com/cespare/xxhash/v2"

	"protium.dev/components/edge/kit"
)

const (
	shelves = 40

	errUnknown kit.Error = "there is no such book"
)

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
	answer := append([]byte(`{"pieces":`), strconv.FormatInt(row.Pieces, 10)...)
	answer = append(answer, `,"shelf":`...)
	answer = strconv.AppendUint(answer, xxhash.Sum64String(sku)%shelves+1, 10)
	return append(answer, '}'), nil
}
