package main

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const stored = `{"sku":"` + sku + `","stock":4,"price":1850,"currency":"EUR","ts":1700000000000}`

// store is the node's own store.
var store = map[string][]byte{"stock:" + sku: []byte(stored)}

// state is what the host knows of one run.
type state struct {
	ready, answer []byte
}

type stateKey struct{}

// link offers what the module imports of the kit. A run that hits the store uses three of the
// functions; the others end it.
func link(ctx context.Context, runtime wazero.Runtime, module wazero.CompiledModule) error {
	used := map[string]api.GoModuleFunc{
		"answer":        answer,
		"take":          take,
		"key_value_get": keyValueGet,
	}
	builder := runtime.NewHostModuleBuilder("protium_edge")
	for _, function := range module.ImportedFunctions() {
		from, name, _ := function.Import()
		if from != "protium_edge" {
			continue
		}
		call, ok := used[name]
		if !ok {
			call = func(context.Context, api.Module, []uint64) { panic(name + " is not for a store hit") }
		}
		builder.NewFunctionBuilder().
			WithGoModuleFunction(call, function.ParamTypes(), function.ResultTypes()).
			Export(name)
	}
	_, err := builder.Instantiate(ctx)
	return err
}

func part(module api.Module, at, length uint64) []byte {
	b, ok := module.Memory().Read(uint32(at), uint32(length))
	if !ok {
		panic(fmt.Sprintf("%d bytes at %d are outside of memory", length, at))
	}
	return b
}

func current(ctx context.Context) *state { return ctx.Value(stateKey{}).(*state) }

func answer(ctx context.Context, module api.Module, stack []uint64) {
	current(ctx).answer = append([]byte(nil), part(module, stack[0], stack[1])...)
}

func take(ctx context.Context, module api.Module, stack []uint64) {
	copy(part(module, stack[0], stack[1]), current(ctx).ready)
}

func keyValueGet(ctx context.Context, module api.Module, stack []uint64) {
	value, ok := store[string(part(module, stack[0], stack[1]))]
	if !ok {
		stack[0] = api.EncodeI64(-1)
		return
	}
	current(ctx).ready = value
	stack[0] = uint64(len(value))
}

const (
	tagText   = 4
	tagRecord = 6
)

// input is what a run begins with: a record with the environment, and an empty input.
func input(environment [][2]string) []byte {
	var env []byte
	for _, pair := range environment {
		env = entry(env, pair[0], tagText, []byte(pair[1]))
	}
	all := entry(nil, "env", tagRecord, env)
	all = entry(all, "input", tagText, nil)
	return value(nil, tagRecord, all)
}

func entry(b []byte, key string, tag byte, payload []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = append(b, key...)
	return value(b, tag, payload)
}

func value(b []byte, tag byte, payload []byte) []byte {
	b = append(b, tag)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	return append(b, payload...)
}
