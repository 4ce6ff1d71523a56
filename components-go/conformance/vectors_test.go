package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

// With -fill the answers of cases that have none are written into the files. Check them before you
// commit them.
var fill = flag.Bool("fill", false, "write the answers of new cases into tests/vectors")

const vectors = "../../tests/vectors/"

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(vectors + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func fillVectors(t *testing.T, name string, from any) {
	t.Helper()
	if !*fill {
		return
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(from); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectors+name, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

type renderCase struct {
	Name      string          `json:"name"`
	Component string          `json:"component"`
	ID        string          `json:"id"`
	Props     json.RawMessage `json:"props"`
	Stores    json.RawMessage `json:"stores,omitempty"`
	Hydrate   string          `json:"hydrate,omitempty"`
	Ctx       string          `json:"ctx,omitempty"`
	HTML      string          `json:"html"`
	Digest    string          `json:"digest"`
	Acts      bool            `json:"acts"`
	Slot      *int            `json:"slot,omitempty"`
	Path      bool            `json:"path,omitempty"`
	Time      bool            `json:"time,omitempty"`
}

func TestComponentsRenderAsTheVectorsSay(t *testing.T) {
	var v struct {
		Contexts map[string]json.RawMessage `json:"contexts"`
		Cases    []renderCase               `json:"cases"`
	}
	readVectors(t, "render.json", &v)
	for i := range v.Cases {
		c := &v.Cases[i]
		ctx := c.Ctx
		if ctx == "" {
			ctx = "en-IE"
		}
		setup := uitest.Setup{Ctx: string(v.Contexts[ctx]), Stores: string(c.Stores),
			Islands: []uitest.Island{
				{Name: c.Component, ID: c.ID, Props: string(c.Props), Hydrate: c.Hydrate},
			}}
		all, err := uitest.Render(setup)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		got := all[0]
		if *fill && c.HTML == "" {
			c.HTML, c.Digest, c.Acts = got.HTML, got.Digest, got.Acts
			c.Path, c.Time = got.Path, got.Time
			if got.Slot >= 0 {
				c.Slot = &got.Slot
			}
		}
		slot := -1
		if c.Slot != nil {
			slot = *c.Slot
		}
		if got.HTML != c.HTML || got.Digest != c.Digest || got.Acts != c.Acts || got.Slot != slot {
			t.Errorf(
				"%s: got\n%s %s %t %d\nnot\n%s %s %t %d",
				c.Name,
				got.HTML,
				got.Digest,
				got.Acts,
				got.Slot,
				c.HTML,
				c.Digest,
				c.Acts,
				slot,
			)
		}
		if got.Path != c.Path || got.Time != c.Time {
			t.Errorf("%s: it asks for the path: %t, for the time: %t", c.Name, got.Path, got.Time)
		}
		if c.Hydrate == "" && !strings.HasPrefix(c.Name, "trusted") {
			uitest.Open(t, setup)
		}
	}
	fillVectors(t, "render.json", &v)
}

type eventCase struct {
	Name    string          `json:"name"`
	Islands []islandCase    `json:"islands"`
	Stores  json.RawMessage `json:"stores,omitempty"`
	HTML    string          `json:"html"`
	Steps   []stepCase      `json:"steps"`
}

type islandCase struct {
	C  string          `json:"c"`
	ID string          `json:"id"`
	P  json.RawMessage `json:"p"`
}

type stepCase struct {
	Do      string          `json:"do"`
	Target  string          `json:"target,omitempty"`
	Value   *string         `json:"value,omitempty"`
	Checked *bool           `json:"checked,omitempty"`
	Key     string          `json:"key,omitempty"`
	ID      string          `json:"id,omitempty"`
	Handler string          `json:"handler,omitempty"`
	Args    []any           `json:"args,omitempty"`
	Status  *int            `json:"status,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	With    json.RawMessage `json:"with,omitempty"`
	Traps   bool            `json:"traps,omitempty"`
	HTML    string          `json:"html"`
	Effects [][]string      `json:"effects,omitempty"`
}

func TestPagesBehaveAsTheVectorsSay(t *testing.T) {
	var v struct {
		Ctx   json.RawMessage `json:"ctx"`
		Cases []eventCase     `json:"cases"`
	}
	readVectors(t, "events.json", &v)
	for _, everyStepTraps := range []bool{false, true} {
		for i := range v.Cases {
			c := &v.Cases[i]
			setup := uitest.Setup{Ctx: string(v.Ctx), Stores: string(c.Stores)}
			for _, is := range c.Islands {
				setup.Islands = append(setup.Islands, uitest.Island{Name: is.C, ID: is.ID, Props: string(is.P)})
			}
			page := uitest.Open(t, setup)
			if *fill && c.HTML == "" {
				c.HTML = page.HTML()
			}
			if got := page.HTML(); got != c.HTML {
				t.Errorf("%s: got\n%s\nnot\n%s", c.Name, got, c.HTML)
			}
			var waiting uitest.Effect
			for j := range c.Steps {
				s := &c.Steps[j]
				take(page, s, waiting)
				var effects [][]string
				for _, e := range page.Effects() {
					effects = append(effects, append([]string{e.Kind}, e.Texts...))
					waiting = e
				}
				if *fill && s.HTML == "" {
					s.HTML, s.Effects = page.HTML(), effects
				}
				if got := page.HTML(); got != s.HTML {
					t.Errorf("%s, step %d: got\n%s\nnot\n%s", c.Name, j, got, s.HTML)
				}
				if !slices.EqualFunc(effects, s.Effects, slices.Equal) {
					t.Errorf("%s, step %d: effects %q, not %q", c.Name, j, effects, s.Effects)
				}
				if everyStepTraps {
					page.Trap()
				}
			}
		}
	}
	fillVectors(t, "events.json", &v)
}

// take carries out a step. After a trap the state is the one before the step.
func take(page *uitest.Page, s *stepCase, waiting uitest.Effect) {
	switch s.Do {
	case "input":
		page.InputWith(s.Target, *s.Value, string(s.With))
	case "change":
		if s.Value != nil {
			page.Change(s.Target, *s.Value)
		} else {
			page.Check(s.Target, *s.Checked)
		}
	case "call":
		page.Do(s.ID, s.Handler, s.Args...)
	case "answer":
		page.Answer(waiting, *s.Status, string(s.Data))
	case "elapse":
		page.Elapse(waiting)
	case "message":
		page.Message("unheard-of", s.Handler)
	case "tell":
		page.Tell(s.ID, "unheard-of")
	case "resume":
		page.Resume()
	case "leave":
		page.Leave()
	case "toggle":
		page.Toggle(s.Target, *s.Checked)
	case "observed":
		page.Observed(waiting, *s.Checked)
	case "painted":
		page.Painted(waiting)
	case "returned":
		page.Returned(waiting, *s.Checked, string(s.Data))
	default:
		if s.Traps {
			page.FireTrap(s.Do, s.Target)
			return
		}
		if s.With != nil {
			page.FireWith(s.Do, s.Target, string(s.With))
			return
		}
		page.Fire(s.Do, s.Target, s.Key)
	}
}
