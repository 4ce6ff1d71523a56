// Package main is the module of the vectors in tests/vectors: components that use everything the
// kit has.
package main

func main() {}
