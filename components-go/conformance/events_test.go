package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

func TestConditionsOpenAndClose(t *testing.T) {
	page := open(t, "conditions", `{"name":"n"}`)
	for _, click := range []string{
		".a", ".b", ".is-a em", ".a", ".b", ".b", ".a", ".a", ".a", ".is-a em",
	} {
		page.Click(click)
	}
	want := uitest.HTML(t, "conditions", `{"a":true,"b":true,"name":"n!!"}`)
	if got := page.HTML(); got != uitest.Canonical(want) {
		t.Errorf("got  %s\nwant %s", got, uitest.Canonical(want))
	}
}

// Any list of letters can become any other: each letter is a row, and done in upper case.
func TestListsBecomeOtherLists(t *testing.T) {
	fixed := []string{
		"",
		"a",
		"abc",
		"cba",
		"abcdef",
		"fbcdea",
		"abcdef",
		"bcdefa",
		"fabcde",
		"xyz",
		"xaybzc",
		"",
		"aBcDe",
		"eDcBa",
		"BD",
		"abcde",
		"edcbafg",
		"g",
		"gfedcba",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		letters := []byte("abcdefghijklmnABCDEFG")
		random.Shuffle(len(letters), func(i, j int) { letters[i], letters[j] = letters[j], letters[i] })
		fixed = append(fixed, string(letters[:random.IntN(len(letters))]))
	}
	page := open(t, "rows", `{"rows":[]}`)
	var shown []string
	for i, order := range fixed {
		page.Do("rows-1", "Set", order)
		shown = append(shown, page.HTML())
		if i%10 == 9 {
			page.Trap()
		}
	}
	for i, order := range fixed {
		if fresh := uitest.Canonical(uitest.HTML(t, "rows", rowsOf(order))); shown[i] != fresh {
			t.Fatalf("step %d, %q: the page shows\n%s\na fresh render is\n%s", i, order, shown[i], fresh)
		}
	}
}

func rowsOf(order string) string {
	var rows []string
	for _, letter := range order {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"name":"%c","done":%t}`, letter, letter, letter < 'a'))
	}
	return `{"rows":[` + strings.Join(rows, ",") + `]}`
}

func TestRowsKeepTheirElements(t *testing.T) {
	page := open(t, "rows", `{"rows":[]}`)
	page.Do("rows-1", "Set", "abcdefgh")
	page.Writes()
	page.Do("rows-1", "Set", "hbcdefga")
	// three lists; two moves in each
	if n := page.Writes(); n != 6 {
		t.Errorf("a swap made %d writes", n)
	}
	page.Do("rows-1", "Set", "hbcdefga")
	if n := page.Writes(); n != 0 {
		t.Errorf("the same list made %d writes", n)
	}
}

func TestTheRowsKeyReachesTheHandler(t *testing.T) {
	page := open(
		t,
		"rows",
		`{"rows":[{"id":1,"name":"a","tags":["x","y z"]},
			{"id":"-9223372036854775808","name":"b","tags":["x"]}]}`,
	)
	page.Click(`[data-id="-9223372036854775808"] .check`)
	if page.Count(".tick") != 1 || page.Count(`[data-id="1"] .tick`) != 0 {
		t.Error(page.HTML())
	}
	page.Click(".tag button")
	if got := strings.Join(page.All(".tag"), "|"); got != "y z" {
		t.Error(got)
	}
	page.Click(`[data-id="1"] .remove`)
	if got := strings.Join(page.All(".rows .name"), ""); got != "b" {
		t.Error(got)
	}
}

func TestNestedComponentsHaveTheirOwnHandlersAndState(t *testing.T) {
	page := open(t, "nested", `{"lines":[{"id":1},{"id":2},{"id":3}]}`)
	page.Click(".only .more")
	page.Click(".toggle")
	for range 3 {
		page.Click(".extra .more")
	}
	page.Click("li .more")
	page.Trap()
	page.Click("li .more")
	page.Click(".drop")
	page.Click("li .less")
	page.Trap()
	page.Click(".extra .more")
	if got := strings.Join(page.All("span"), " "); got != "1 4 -1 0" {
		t.Error(got)
	}
	if page.Count(".extra em") != 1 || page.Count("em") != 1 {
		t.Error(page.HTML())
	}
	page.Click(".toggle")
	page.Click(".toggle")
	if got := strings.Join(page.All("span"), " "); got != "1 4 -1 0" {
		t.Error(got)
	}
}

func TestAnotherRootReplacesTheIsland(t *testing.T) {
	page := open(t, "shapes", `{}`)
	for _, want := range []string{
		`<section><button>second</button><p>1</p></section>`,
		`<article><p>third</p><button>again</button></article>`,
		`<div><button>first</button></div>`,
		`<section><button>second</button><p>1</p></section>`,
	} {
		page.Click("button")
		if got := page.HTML(); got != want {
			t.Errorf("got %s, not %s", got, want)
		}
		page.Trap()
	}
}

func TestWhatIsNotSavedIsShownAnewAfterATrap(t *testing.T) {
	page := open(t, "forgetful", `{}`)
	page.Click("button")
	page.Click("button")
	page.Trap()
	if got := page.Text("button"); got != "0" {
		t.Error(got)
	}
	page.Click("button")
	if got := page.Text("button"); got != "1" {
		t.Error(got)
	}
}

func TestTextsFollowTheirInput(t *testing.T) {
	page := open(t, "texts", `{"a":"a","b":"b","note":"n"}`)
	page.Input(".type", "<😀\x00\xff")
	page.Input("textarea", "\nline")
	page.Click("button")
	got := page.HTML()
	want := uitest.HTML(t, "texts", `{"a":"b","b":"<😀\u0000\ufffd","note":"\nline"}`)
	if got != uitest.Canonical(want) {
		t.Errorf("got  %s\nwant %s", got, uitest.Canonical(want))
	}
}
