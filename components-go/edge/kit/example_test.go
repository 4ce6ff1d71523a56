package kit_test

import (
	"fmt"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/kittest"
)

// A module calls two services concurrently, and answers with what it gets in time.
func Example() {
	kit.Serve(kit.Module{Handle: func(ctx *kit.Context, _ []byte) ([]byte, error) {
		results := ctx.Together(
			kit.Request{Backend: "reviews", Path: "/stars?sku=" + kit.QueryEscape(ctx.Env("SKU_ID"))},
			kit.Request{Backend: "delivery", Path: "/days"},
		)
		stars, days := "none yet", "soon"
		if results[0].Err == nil && results[0].Status == 200 {
			stars = string(results[0].Body)
		}
		if results[1].Err == nil && results[1].Status == 200 {
			days = string(results[1].Body)
		}
		return []byte("stars: " + stars + ", delivered: " + days), nil
	}})

	host := kittest.Host{Backend: func(r kit.Request) (kit.Response, error) {
		if r.Backend == "delivery" {
			return kit.Response{}, kit.ErrTimeout
		}
		return kit.Response{Status: 200, Body: []byte("4.5")}, nil
	}}
	answer, err := host.Run(map[string]string{"SKU_ID": "HAND-FORK"}, "")
	fmt.Println(string(answer), err)
	// Output: stars: 4.5, delivered: soon <nil>
}
