// Package kit is for edge modules: small programs that run near the visitors, ahead of their
// requests, in a sandbox that gives them only what their manifest grants.
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
// without a sandbox. The kit does not use fmt, reflect or encoding/json; modules that are to stay
// small should not either.
package kit
