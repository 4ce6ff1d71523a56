// Package main is an edge module that does what a host must survive: SKU_ID says what.
package main

import (
	"errors"

	"protium.dev/components/edge/kit"
)

var (
	table   []string
	counter int
	keep    [][]byte
)

func init() {
	kit.Serve(kit.Module{
		Init: func() error {
			table = append(table, "made by Init")
			return nil
		},
		Handle: handle,
	})
}

func main() {}

func handle(ctx *kit.Context, input []byte) ([]byte, error) {
	counter++
	switch what := ctx.Env("SKU_ID"); what {
	case "loop":
		for n := uint32(1); n != 0; {
			n += 2
		}
	case "allocate":
		for {
			keep = append(keep, make([]byte, 1<<20))
		}
	case "recurse":
		return []byte{byte(recurse(1))}, nil
	case "flood":
		return make([]byte, 1<<20), nil
	case "log":
		for range 500 {
			ctx.Log("a line \x1b[31m\n that nobody wants to read")
		}
	case "calls":
		for ctx.Remaining() > -1 {
		}
	case "backends":
		for {
			ctx.Start(kit.Request{Backend: "aggregator", Path: "/"})
		}
	case "panic":
		panic("of this test")
	case "fail":
		return nil, errors.New("not today\x00\r\n")
	case "foreign key":
		_, _, err := ctx.Get("price:eu-1:HAND-FORK")
		return nil, err
	case "foreign key, written":
		return nil, ctx.Set("other:key", nil, 0)
	case "large value":
		return nil, ctx.Set("own:key", make([]byte, 1<<20), 1<<40)
	case "for ever":
		if err := ctx.Set("own:key", []byte("kept"), 1<<63-1); err != nil {
			return nil, err
		}
		kept, _, err := ctx.Get("own:key")
		return kept, err
	case "foreign backend":
		ctx.Start(kit.Request{Backend: "intranet", Path: "/"})
	case "method":
		ctx.Start(kit.Request{Backend: "aggregator", Method: "DELETE", Path: "/"})
	case "header":
		ctx.Start(kit.Request{Backend: "aggregator", Path: "/", Header: []string{"Host", "intranet"}})
	case "path":
		ctx.Start(kit.Request{Backend: "aggregator", Path: "/../admin"})
	case "environment":
		return []byte(ctx.Env("PATH") + ctx.Env("HOME") + ctx.Env("PROTIUM_SECRET")), nil
	case "wait":
		// A module that does not listen to its deadline.
		response, err := ctx.Await(ctx.Start(kit.Request{Backend: "aggregator", Path: "/"}))
		if err == nil {
			return response.Body, nil
		}
		return []byte(err.Error()), ctx.Err()
	case "goroutines":
		goroutines()
	case "count":
		return []byte{byte('0' + counter)}, nil
	case "init":
		return []byte(table[0]), nil
	case "echo":
		return input, nil
	case "random":
		b := make([]byte, 4)
		ctx.Random(b)
		return []byte{byte('0' + len(b))}, nil
	}
	return []byte("fine"), nil
}

func recurse(depth uint64) uint64 {
	counter++
	if counter == 0 {
		return depth
	}
	return recurse(depth+uint64(counter))*depth + 1
}
