// Package main imports what no server has.
package main

import "protium.dev/components/edge/kit"

//go:wasmimport env read_secrets
func readSecrets() uint32

func init() {
	kit.Serve(kit.Module{Handle: func(*kit.Context, []byte) ([]byte, error) {
		return []byte{byte(readSecrets())}, nil
	}})
}

func main() {}
