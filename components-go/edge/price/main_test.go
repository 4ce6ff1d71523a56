package main

import (
	"strings"
	"testing"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/kittest"
)

var env = map[string]string{"SKU_ID": "HAND-FORK", "EDGE_REGION": "eu-1"}

// aggregator answers by path, with 404 for unknown ones.
func aggregator(answers map[string]string) func(kit.Request) (kit.Response, error) {
	return func(r kit.Request) (kit.Response, error) {
		path, _, _ := strings.Cut(r.Path, "?")
		body, ok := answers[path]
		if !ok {
			return kit.Response{Status: 404}, nil
		}
		return kit.Response{Status: 200, Body: []byte(body)}, nil
	}
}

func TestThePriceOfTheRegionIsReducedByTheBestPromotion(t *testing.T) {
	h := &kittest.Host{Clock: 7, Store: map[string][]byte{}}
	h.Backend = aggregator(map[string]string{
		"/list-price": `{"price":1999,"currency":"EUR"}`,
		"/price-list": `{"price":1895,"currency":"EUR"}`,
		"/promotions": `{"promotions":[{"percent":5},{"percent":10}]}`,
	})
	h.Expect(t, env, `{"sku":"HAND-FORK","stock":null,"price":1706,"currency":"EUR","ts":7}`)
	if path := h.Requests[1].Path; path != "/price-list?region=eu-1&sku=HAND-FORK" {
		t.Error(path)
	}
	if h.Requests[0].Timeout.Milliseconds() != 150 {
		t.Error(h.Requests[0].Timeout)
	}
}

func TestTheListPriceIsEnough(t *testing.T) {
	h := &kittest.Host{Clock: 7, Store: map[string][]byte{
		"stock:HAND-FORK": []byte(`{"sku":"HAND-FORK","stock":4,"price":1,"currency":"EUR","ts":1}`),
	}}
	h.Backend = aggregator(map[string]string{"/list-price": `{"price":1999,"currency":"EUR"}`})
	h.Expect(t, env, `{"sku":"HAND-FORK","stock":4,"price":1999,"currency":"EUR","ts":7}`)
}

func TestThePriceOfEarlierIsMarkedStale(t *testing.T) {
	h := &kittest.Host{Clock: 7, Store: map[string][]byte{}}
	h.Backend = aggregator(map[string]string{"/list-price": `{"price":1999,"currency":"EUR"}`})
	h.Run(env, "")
	h.Clock = 9
	const stale = `{"sku":"HAND-FORK","stock":null,"price":1999,"currency":"EUR","ts":7,"stale":true}`
	for _, failure := range []error{kit.ErrTimeout, kit.ErrOpen, kit.ErrUnavailable, kit.ErrTooLarge} {
		h.Backend = func(kit.Request) (kit.Response, error) { return kit.Response{}, failure }
		h.Expect(t, env, stale)
	}
	h.Backend = func(kit.Request) (kit.Response, error) { return kit.Response{Status: 500}, nil }
	h.Expect(t, env, stale)
	for _, nonsense := range []string{
		``, `{"price":19`, `{"price":19.99,"currency":"EUR"}`, `{"price":-1,"currency":"EUR"}`, `[]`,
	} {
		h.Backend = aggregator(map[string]string{"/list-price": nonsense})
		h.Expect(t, env, stale)
	}
}

func TestWithoutAnEarlierPriceThereIsNone(t *testing.T) {
	h := &kittest.Host{Store: map[string][]byte{}, Backend: aggregator(nil)}
	h.Expect(t, env, "error: the aggregator has no answer and no earlier price is known")
}
