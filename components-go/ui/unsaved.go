package ui

// effectReport tells a developer something. Its number leaves room for what pages are asked for.
const effectReport = 100

// reportUnsaved finds, in development, what a handler changed and Bind does not name: an instance
// that is made anew, after a failure, would not have it. Such an instance is tried for each island
// that changed.
func reportUnsaved(changed []*island) {
	for _, is := range changed {
		w := writer{}
		is.save(&w)
		v, _ := readValue(string(w.b))
		if _, _, same := restoreIsland(v.record()); !same {
			effects = append(effects, effect{kind: effectReport, owner: is.comp, from: is, texts: []string{
				"component " + is.name + " shows something that is not in its state: " +
					"a field that a handler changes is bound" +
					` with b.State, or what it held is lost when the module has to be started anew`}})
		}
	}
}
