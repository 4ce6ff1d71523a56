package kit

import "protium.dev/components/edge/kit/internal/host"

// Module is the program that Serve registers.
type Module struct {
	// Init runs once, when the module is prepared; every run starts with the memory it left. It has
	// no environment, no clock and no grants.
	Init func() error
	// Handle is called once in each run, and returns the run's answer or its error.
	Handle func(ctx *Context, input []byte) ([]byte, error)
}

var module Module

// Serve registers the module. It is called from an init function.
func Serve(m Module) { module = m }

// buffer is where the host writes the input of a run.
var buffer []byte

func alloc(n uint32) []byte {
	if uint32(cap(buffer)) < n {
		buffer = make([]byte, n)
	}
	buffer = buffer[:n]
	return buffer
}

// initialise is 0 when the module may run.
func initialise() uint32 {
	if module.Handle == nil {
		host.Fail("the module did not call kit.Serve with a Handle")
		return 1
	}
	if module.Init == nil {
		return 0
	}
	if err := module.Init(); err != nil {
		host.Fail(err.Error())
		return 1
	}
	return 0
}

func run() {
	ctx, err := newContext(buffer)
	if err != nil {
		host.Fail(err.Error())
		return
	}
	answer, err := module.Handle(ctx, ctx.input)
	if err != nil {
		host.Fail(err.Error())
		return
	}
	host.Answer(answer)
}
