package ui

// effectReport is a message to the developer. Its number leaves room for further effects.
const effectReport = 100

// reportUnsaved finds, in development, fields that a handler changed and Bind does not declare:
// they would be lost when a new instance replaces one that trapped. It restores each island that
// changed into a new component, and compares.
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
