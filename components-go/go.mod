module protium

go 1.26
