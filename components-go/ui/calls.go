package ui

// The calls of section 4, each with n bytes of input.

func call(n uint32, run func(string) uint32) uint32 {
	begin()
	if int(n) > len(input) {
		return refuse("the input is longer than its buffer")
	}
	return run(view(input[:n]))
}

func callDescribe(string) uint32 {
	describe()
	return 0
}

func callSave(string) uint32 { return save() }
