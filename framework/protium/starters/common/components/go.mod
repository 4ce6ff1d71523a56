module __name__/components

go 1.26

require protium.dev/components __kit__

replace protium.dev/components => ./.protium/components
