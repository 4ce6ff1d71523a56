package main

import (
	"testing"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/kittest"
)

func TestItAnswersHowManyPiecesThereAre(t *testing.T) {
	shop := map[string]kit.Stock{"POT": {Pieces: 3, Tracked: true, Currency: "EUR"}}
	host := &kittest.Host{Database: shop}
	host.Expect(t, map[string]string{"SKU_ID": "POT"}, `{"pieces":3}`)
	host.Expect(t, map[string]string{"SKU_ID": "PAN"}, "error: there is no such SKU")
}
