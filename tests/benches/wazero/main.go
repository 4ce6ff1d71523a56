// Command edgebench runs an edge module in wazero as often as it can, for a comparison: compiled
// once, a store hit in every run, from as many goroutines as the bench has tasks. It prints its
// figures as JSON.
//
// wazero is as fast as it gets here: no limit of time, calls or output is on.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

const sku = "HAND-FORK"

var environment = [][2]string{{"EDGE_REGION", "eu-1"}, {"SKU_ID", sku}, {"WASM_CACHE_TTL", "1000s"}}

func main() {
	file := flag.String("module", "", "the module's file")
	tasks := flag.Int("tasks", 16, "runs at one time")
	length := flag.Duration("time", time.Second, "time for all runs")
	reuse := flag.Int("reuse", 1, "runs of one instance")
	flag.Parse()
	if err := measure(*file, *tasks, *length, *reuse); err != nil {
		fmt.Fprintln(os.Stderr, "edgebench:", err)
		os.Exit(1)
	}
}

func measure(file string, tasks int, length time.Duration, reuse int) error {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	defer runtime.Close(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return err
	}
	module, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return err
	}
	if err := link(ctx, runtime, module); err != nil {
		return err
	}
	if _, err := all(ctx, runtime, module, tasks, length/10, reuse); err != nil {
		return err
	}
	began := time.Now()
	times, err := all(ctx, runtime, module, tasks, length, reuse)
	if err != nil {
		return err
	}
	took := time.Since(began)
	slices.Sort(times)
	micros := func(ofHundred int) float64 {
		return float64(times[min(len(times)*ofHundred/100, len(times)-1)].Nanoseconds()) / 1e3
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"runs_per_second": float64(len(times)) / took.Seconds(),
		"p50_us":          micros(50),
		"p99_us":          micros(99),
	})
}

// all is how long each run took, of those that fit into this time. An instance serves so many runs.
func all(
	ctx context.Context,
	runtime wazero.Runtime,
	module wazero.CompiledModule,
	tasks int,
	length time.Duration,
	runs int,
) ([]time.Duration, error) {
	end := time.Now().Add(length)
	each := make([][]time.Duration, tasks)
	errs := make([]error, tasks)
	var wait sync.WaitGroup
	for task := range tasks {
		wait.Go(func() {
			var made *instance
			for time.Now().Before(end) {
				began := time.Now()
				if made == nil {
					if made, errs[task] = instantiate(ctx, runtime, module); errs[task] != nil {
						return
					}
				}
				if errs[task] = made.run(); errs[task] != nil {
					return
				}
				if made.served == runs {
					made.module.Close(ctx)
					made = nil
				}
				each[task] = append(each[task], time.Since(began))
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	times := slices.Concat(each...)
	if len(times) == 0 {
		return nil, fmt.Errorf("no run ended within %v", length)
	}
	return times, nil
}

// instance is a module that is initialised.
type instance struct {
	ctx        context.Context
	module     api.Module
	alloc, exe api.Function
	state      *state
	served     int
}

func instantiate(
	ctx context.Context,
	runtime wazero.Runtime,
	compiled wazero.CompiledModule,
) (*instance, error) {
	state := new(state)
	ctx = context.WithValue(ctx, stateKey{}, state)
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	module, err := runtime.InstantiateModule(ctx, compiled, config)
	if err != nil {
		return nil, err
	}
	if code, err := module.ExportedFunction("edge_init").Call(ctx); err != nil || code[0] != 0 {
		return nil, fmt.Errorf("edge_init: %v %w", code, err)
	}
	return &instance{
		ctx:    ctx,
		module: module,
		alloc:  module.ExportedFunction("edge_alloc"),
		exe:    module.ExportedFunction("edge_run"),
		state:  state,
	}, nil
}

func (i *instance) run() error {
	i.served++
	*i.state = state{}
	input := input(environment)
	at, err := i.alloc.Call(i.ctx, uint64(len(input)))
	if err != nil {
		return err
	}
	if !i.module.Memory().Write(uint32(at[0]), input) {
		return fmt.Errorf("edge_alloc answered with an address outside of memory")
	}
	if _, err := i.exe.Call(i.ctx); err != nil {
		return err
	}
	if string(i.state.answer) != stored {
		return fmt.Errorf("it answered %q", i.state.answer)
	}
	return nil
}
