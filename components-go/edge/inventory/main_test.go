package main

import (
	"testing"
	"time"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/kittest"
)

var env = map[string]string{"SKU_ID": "HAND-FORK", "WASM_CACHE_TTL": "5s"}

const answer = `{"sku":"HAND-FORK","stock":4,"price":1850,"currency":"EUR","ts":1000}`

func shop() map[string]kit.Stock {
	return map[string]kit.Stock{"HAND-FORK": {Pieces: 4, Tracked: true, Price: 1850, Currency: "EUR"}}
}

func TestTheStoreIsAskedBeforeTheDatabase(t *testing.T) {
	h := &kittest.Host{Clock: 1000, Store: map[string][]byte{}, Database: shop()}
	h.Expect(t, env, answer)
	if h.TTL["stock:HAND-FORK"] != 5*time.Second {
		t.Error(h.TTL)
	}
	h.Clock, h.Database = 2000, nil
	h.Expect(t, env, answer)
}

func TestWithoutAStoreTheDatabaseAnswers(t *testing.T) {
	(&kittest.Host{Clock: 1000, Database: shop()}).Expect(t, env, answer)
}

func TestAnEntryThatIsNoAnswerIsReplaced(t *testing.T) {
	h := &kittest.Host{
		Clock:    1000,
		Database: shop(),
		Store:    map[string][]byte{"stock:HAND-FORK": []byte(`{"sku":"OTHER"}`)},
	}
	h.Expect(t, env, answer)
	if string(h.Store["stock:HAND-FORK"]) != answer {
		t.Errorf("%s", h.Store)
	}
}

func TestStockThatIsNotCountedIsNull(t *testing.T) {
	h := &kittest.Host{
		Clock:    1,
		Database: map[string]kit.Stock{"HAND-FORK": {Price: 1, Currency: "EUR"}},
	}
	h.Expect(t, env, `{"sku":"HAND-FORK","stock":null,"price":1,"currency":"EUR","ts":1}`)
}

func TestWhatCannotBeAnsweredIsAnError(t *testing.T) {
	(&kittest.Host{}).Expect(t, env, "error: unavailable")
	(&kittest.Host{Database: map[string]kit.Stock{}}).Expect(t, env, "error: the shop has no such SKU")
	if _, err := (&kittest.Host{}).Run(map[string]string{"SKU_ID": "a b"}, ""); err == nil {
		t.Error("a SKU with a space is taken")
	}
}
