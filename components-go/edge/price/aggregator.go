package main

import "protium.dev/components/edge/kit"

// ask fetches the current price.
func ask(ctx *kit.Context, region, sku string) (int64, string, error) {
	timeout := ctx.Milliseconds("AGG_TIMEOUT_MS", defaultTimeout)
	query := "sku=" + kit.QueryEscape(sku)
	regional := "region=" + kit.QueryEscape(region) + "&" + query
	get := func(path string) kit.Request {
		return kit.Request{Backend: "aggregator", Path: path, Timeout: timeout}
	}
	results := ctx.Together(
		get("/list-price?"+query),
		get("/price-list?"+regional),
		get("/promotions?"+regional),
	)
	list, err := document(results[0])
	if err == nil && list == nil {
		err = errStatus
	}
	if err != nil {
		return 0, "", err
	}
	price, currency, err := money(list)
	if err != nil {
		return 0, "", err
	}
	own, err := document(results[1])
	if err != nil {
		return 0, "", err
	}
	if own != nil {
		if price, currency, err = money(own); err != nil {
			return 0, "", err
		}
	}
	promotions, err := document(results[2])
	if err != nil {
		return 0, "", err
	}
	percent, err := best(promotions)
	if err != nil {
		return 0, "", err
	}
	return reduced(price, percent), currency, nil
}

// document is the JSON of an answer; nil for a 404.
func document(result kit.Result) (kit.JSON, error) {
	switch {
	case result.Err != nil:
		return nil, result.Err
	case result.Status == 404:
		return nil, nil
	case result.Status != 200:
		return nil, errStatus
	}
	j, ok := kit.ParseJSON(result.Body)
	if !ok {
		return nil, errAnswer
	}
	return j, nil
}

func money(j kit.JSON) (int64, string, error) {
	const most = 1_000_000_000_000
	price, isPrice := j.Get("price").Int()
	currency, isCurrency := j.Get("currency").Text()
	if !isPrice || !isCurrency || len(currency) != 3 || price < 0 || price > most {
		return 0, "", errAnswer
	}
	return price, currency, nil
}

// best is the largest percentage; 0 when no promotion runs.
func best(promotions kit.JSON) (int64, error) {
	var most int64
	for _, promotion := range promotions.Get("promotions").Items() {
		percent, ok := promotion.Get("percent").Int()
		if !ok || percent < 0 || percent > 100 {
			return 0, errAnswer
		}
		most = max(most, percent)
	}
	return most, nil
}

// reduced is the price less a percentage, rounded half up.
func reduced(price, percent int64) int64 { return (price*(100-percent) + 50) / 100 }
