// Package main is the module of the vectors in tests/vectors. Its components use every feature of
// the kit.
package main

func main() {}
