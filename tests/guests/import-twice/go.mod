module twice

go 1.26

require protium v0.0.0

replace protium => ../../../components-go
