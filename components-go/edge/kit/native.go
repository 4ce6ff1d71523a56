//go:build !wasm && !tinygo

package kit

import "protium.dev/components/edge/kit/internal/host"

func init() {
	host.Run = func(input []byte) {
		copy(alloc(uint32(len(input))), input)
		if initialise() == 0 {
			run()
		}
	}
}
