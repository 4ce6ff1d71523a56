// Package main is the smallest program that answers: no kit, what it knows is in its environment,
// what it prints is its answer.
package main

import "os"

func main() {
	os.Stdout.WriteString(`{"sku":"` + os.Getenv("SKU_ID") +
		`","stock":4,"price":1850,"currency":"EUR","ts":1700000000000}`)
}
