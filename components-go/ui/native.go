//go:build !wasm && !tinygo

package ui

import "protium.dev/components/ui/internal/bridge"

func init() {
	bridge.Call = nativeCall
	bridge.Reset = nativeReset
}

func nativeCall(name string, in []byte) bridge.Output {
	alloc(uint32(len(in)))
	copy(input, in)
	n := uint32(len(in))
	beginPatch()
	var o bridge.Output
	switch name {
	case "describe":
		o.Code = call(0, callDescribe)
	case "warm":
		o.Code = call(n, warm)
	case "render":
		o.Code = call(n, render)
	case "hydrate":
		o.Code = call(n, hydrate)
	case "event", "message":
		o.Code = call(n, receive)
	case "save":
		o.Code = call(0, callSave)
	case "unmount":
		o.Code = call(n, unmount)
	default:
		panic("there is no call " + name)
	}
	o.Output, o.Words, o.Text = out.b, patch.words, patch.text
	o.Finished = int(frame[frameFinished])
	o.Results = results
	o.Error = string(failure[:frame[frameErrorLength]])
	return o
}

func nativeReset() {
	tape, kids, islands, tapes = nil, nil, nil, nil
	templates, byHash, sentTemplates = nil, nil, 0
	freed = handles{}
	effects = nil
	recording = recorder{}
	restoring, restored = "", ""
	context, locale, messages = Context{}, table{}, record{}
	for _, s := range stores {
		s.reset()
	}
	begin()
}
