module protium.dev/components

go 1.26
