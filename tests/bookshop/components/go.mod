module bookshop

go 1.26

require (
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/rivo/uniseg v0.4.7
	protium.dev/components v0.1.0
)

replace protium.dev/components => ./.protium/components
