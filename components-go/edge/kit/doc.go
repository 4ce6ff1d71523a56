// Package kit is what an edge module is written with: a small program that runs near the visitors,
// ahead of their requests, in a sandbox that gives it what its manifest grants and nothing else.
//
//	func init() { kit.Serve(kit.Module{Handle: handle}) }
//
//	func handle(ctx *kit.Context, input []byte) ([]byte, error) {
//		return []byte("hello from " + ctx.Env("EDGE_REGION")), nil
//	}
//
//	func main() {}
//
// The same source builds with TinyGo and with the standard toolchain, and package kittest runs it
// without either sandbox. The kit uses no fmt, reflect or encoding/json, and a module that wants to
// stay small does not either.
package kit
