package main

import (
	"testing"
	"time"

	"protium/edge/kit"
	"protium/edge/kit/kittest"
)

var env = map[string]string{"SKU_ID": "HAND-FORK", "WASM_CACHE_TTL": "5s"}

func run(t *testing.T, h *kittest.Host, want string) {
	t.Helper()
	answer, err := h.Run(env, "")
	text := string(answer)
	if err != nil {
		text = "error: " + err.Error()
	}
	if text != want {
		t.Errorf("%s\ninstead of\n%s", text, want)
	}
}

const answer = `{"sku":"HAND-FORK","stock":4,"price":1850,"currency":"EUR","ts":1000}`

func shop() map[string]kit.Stock {
	return map[string]kit.Stock{"HAND-FORK": {Pieces: 4, Tracked: true, Price: 1850, Currency: "EUR"}}
}

func TestTheStoreIsAskedBeforeTheDatabase(t *testing.T) {
	h := &kittest.Host{Clock: 1000, Store: map[string][]byte{}, Database: shop()}
	run(t, h, answer)
	if h.TTL["stock:HAND-FORK"] != 5*time.Second {
		t.Error(h.TTL)
	}
	h.Clock, h.Database = 2000, nil
	run(t, h, answer)
}

func TestWithoutAStoreTheDatabaseAnswers(t *testing.T) {
	run(t, &kittest.Host{Clock: 1000, Database: shop()}, answer)
}

func TestAnEntryThatIsNoAnswerIsReplaced(t *testing.T) {
	h := &kittest.Host{Clock: 1000, Database: shop(), Store: map[string][]byte{"stock:HAND-FORK": []byte(`{"sku":"OTHER"}`)}}
	run(t, h, answer)
	if string(h.Store["stock:HAND-FORK"]) != answer {
		t.Errorf("%s", h.Store)
	}
}

func TestStockThatIsNotCountedIsNull(t *testing.T) {
	h := &kittest.Host{Clock: 1, Database: map[string]kit.Stock{"HAND-FORK": {Price: 1, Currency: "EUR"}}}
	run(t, h, `{"sku":"HAND-FORK","stock":null,"price":1,"currency":"EUR","ts":1}`)
}

func TestWhatCannotBeAnsweredIsAnError(t *testing.T) {
	run(t, &kittest.Host{}, "error: unavailable")
	run(t, &kittest.Host{Database: map[string]kit.Stock{}}, "error: the shop has no such SKU")
	if _, err := (&kittest.Host{}).Run(map[string]string{"SKU_ID": "a b"}, ""); err == nil {
		t.Error("a SKU with a space is taken")
	}
}
