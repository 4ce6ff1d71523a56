//go:build !tinygo

package main

func goroutines() {
	for {
		go func() { select {} }()
	}
}
