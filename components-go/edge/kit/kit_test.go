package kit_test

import (
	"errors"
	"testing"
	"time"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/kittest"
)

// serve runs this Handle once.
func serve(t *testing.T, h *kittest.Host, env map[string]string, handle func(*kit.Context)) {
	t.Helper()
	kit.Serve(kit.Module{Handle: func(ctx *kit.Context, _ []byte) ([]byte, error) {
		handle(ctx)
		return nil, nil
	}})
	if _, err := h.Run(env, ""); err != nil {
		t.Fatal(err)
	}
}

func TestARunHasItsEnvironmentAndItsInput(t *testing.T) {
	kit.Serve(kit.Module{Handle: func(ctx *kit.Context, input []byte) ([]byte, error) {
		return []byte(ctx.Env("EDGE_REGION") + "/" + ctx.Env("HOME") + "/" + string(input)), nil
	}})
	answer, err := (&kittest.Host{}).Run(map[string]string{"A": "x", "EDGE_REGION": "eu-1"}, "in")
	if err != nil || string(answer) != "eu-1//in" {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestDurationsHaveUnitsAndDefaults(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": time.Hour, "30": 30 * time.Second, "30s": 30 * time.Second, "500ms": 500 * time.Millisecond,
		"5m": 5 * time.Minute, "-1": time.Hour, "1 day": time.Hour, "0": time.Hour, "ms": time.Hour,
		"99999999999": time.Hour,
	} {
		serve(t, &kittest.Host{}, map[string]string{"TTL": text}, func(ctx *kit.Context) {
			if got := ctx.Duration("TTL", time.Hour); got != want {
				t.Errorf("%q is %s", text, got)
			}
		})
	}
}

func TestARunLearnsThatItsTimeIsUp(t *testing.T) {
	serve(t, &kittest.Host{Left: 50 * time.Millisecond}, nil, func(ctx *kit.Context) {
		if ctx.Err() != nil || ctx.Remaining() != 50*time.Millisecond {
			t.Error("there is time left")
		}
	})
	serve(t, &kittest.Host{Left: -time.Millisecond}, nil, func(ctx *kit.Context) {
		if ctx.Err() != kit.ErrDeadline {
			t.Error("the time is up")
		}
	})
}

func TestTheErrorsOfABackendAreToldApart(t *testing.T) {
	want := []error{kit.ErrDeadline, kit.ErrTimeout, kit.ErrOpen, kit.ErrTooLarge, kit.ErrUnavailable}
	next := 0
	h := &kittest.Host{Backend: func(kit.Request) (kit.Response, error) {
		next++
		return kit.Response{}, want[next-1]
	}}
	serve(t, h, nil, func(ctx *kit.Context) {
		for i, result := range ctx.Together(make([]kit.Request, len(want))...) {
			if result.Err != want[i] {
				t.Errorf("%v instead of %v", result.Err, want[i])
			}
		}
	})
}

func TestAllRequestsAreSentBeforeTheFirstIsAwaited(t *testing.T) {
	var sent int
	h := &kittest.Host{}
	h.Backend = func(kit.Request) (kit.Response, error) {
		sent = len(h.Requests)
		return kit.Response{Status: 204}, nil
	}
	serve(t, h, nil, func(ctx *kit.Context) {
		results := ctx.Together(
			kit.Request{
				Backend: "a",
				Path:    "/1",
				Header:  []string{"accept", "x"},
				Body:    []byte("b"),
				Timeout: time.Second,
			},
			kit.Request{Backend: "a", Path: "/2"},
		)
		if sent != 2 || results[1].Status != 204 {
			t.Errorf("%d sent, %+v", sent, results)
		}
	})
	r := h.Requests[0]
	if r.Path != "/1" || r.Header[1] != "x" || string(r.Body) != "b" || r.Timeout != time.Second {
		t.Errorf("%+v", r)
	}
}

func TestAModuleWhoseInitFailsDoesNotRun(t *testing.T) {
	kit.Serve(kit.Module{
		Init:   func() error { return errors.New("no table") },
		Handle: func(*kit.Context, []byte) ([]byte, error) { return nil, nil },
	})
	if _, err := (&kittest.Host{}).Run(nil, ""); err == nil || err.Error() != "no table" {
		t.Error(err)
	}
}

func TestALookUpIsJSONOrAbsentOrUnavailable(t *testing.T) {
	host := &kittest.Host{
		LookUps: map[string]map[string]string{"book": {"9780": `{"days":3}`, "bad": "{"}},
	}
	serve(t, host, nil, func(ctx *kit.Context) {
		answer, ok, err := ctx.LookUp("book", "9780")
		if days, _ := answer.Get("days").Int(); !ok || err != nil || days != 3 {
			t.Error(string(answer), ok, err)
		}
		if _, ok, err := ctx.LookUp("book", "9781"); ok || err != nil {
			t.Error(ok, err)
		}
		for _, of := range [][2]string{{"book", "bad"}, {"author", "9780"}, {"stock", "9780"}} {
			if _, ok, err := ctx.LookUp(of[0], of[1]); ok || err != kit.ErrUnavailable {
				t.Error(of, ok, err)
			}
		}
	})
}
