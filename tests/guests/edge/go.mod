module edgeguests

go 1.26

require protium.dev/components v0.0.0

replace protium.dev/components => ../../../components-go
