package ui

import "unsafe"

// While the shapes of a component are known, its nodes are only fingerprints. When one is not
// known, the component is rendered again with mode set to modeRecord: then a Node is the index of
// an entry in a table, from which the template of each new shape is built.
const (
	modeSlots uint8 = iota
	modeRecord
)

var (
	mode      uint8
	exploring bool      // blocks that are not shown are rendered too, for their shapes
	current   Component // whose Render runs
	recording recorder
)

// recNode is one node while shapes are recorded. Its kind is the seed of its fingerprint.
type recNode struct {
	kind         uint8
	used         bool
	hash         uint64
	name         string
	value        string
	slot         uint32
	first, count uint32 // children, in recorder.children
}

type recorder struct {
	nodes    []recNode
	children []Node
	starts   []recStart
	turn     uint32
}

type recStart struct{ nodes, children int }

// recorded marks the Nodes of the current recording: the number of the entry is in the low half.
func (r *recorder) mark() uint64 { return uint64(0xFEED0000|r.turn&0xFFFF) << 32 }

// begin starts a recording, end discards it.
func (r *recorder) begin() {
	r.turn++
	r.nodes, r.children, r.starts = r.nodes[:0], r.children[:0], r.starts[:0]
	mode = modeRecord
}

func (r *recorder) end() {
	mode = modeSlots
	clear(r.nodes[:cap(r.nodes)])
	if cap(r.nodes) > 256 {
		*r = recorder{turn: r.turn}
	}
}

func (r *recorder) open() {
	r.starts = append(r.starts, recStart{len(r.nodes), len(r.children)})
}

func (r *recorder) leaf(n recNode) Node {
	r.nodes = append(r.nodes, n)
	return Node(r.mark() | uint64(len(r.nodes)-1))
}

func (r *recorder) element(name static, args []Node) Node {
	return r.parent(
		recNode{kind: seedElement, name: string(name), hash: constant(seedElement, name)},
		args,
	)
}

func (r *recorder) fragment(content []Node) Node {
	return r.parent(recNode{kind: seedFragment, hash: seedFragment}, content)
}

func (r *recorder) parent(n recNode, args []Node) Node {
	n.first = uint32(len(r.children))
	n.count = uint32(len(args))
	r.children = append(r.children, args...)
	for _, a := range args {
		if a == 0 {
			n.hash = mix(n.hash, 0)
			continue
		}
		child := r.at(a)
		if child.used {
			fail("a node is used in two places; create it in the arguments of its parent")
		}
		child.used = true
		n.hash = mix(n.hash, child.hash)
	}
	return r.leaf(n)
}

// at gives the entry of a node of this recording.
func (r *recorder) at(n Node) *recNode {
	i := uint64(n) ^ r.mark()
	if i >= uint64(len(r.nodes)) {
		fail("a node was made outside of this Render; create it in the arguments of its parent")
	}
	return &r.nodes[i]
}

func (r *recorder) childrenOf(n *recNode) []Node { return r.children[n.first : n.first+n.count] }

// finish ends a block and returns the template of its shape, which it builds if the shape is new.
func (r *recorder) finish(root Node, slots uint32) uint32 {
	if root == 0 {
		fail("a block must be one element: this one is nothing. Use ui.If for what is not always there")
	}
	n := r.at(root)
	hash := mix(n.hash, uint64(slots))
	t, known := templateOf(hash)
	if !known {
		t = addTemplate(hash, buildTemplate(r, n, slots))
	}
	start := r.starts[len(r.starts)-1]
	r.starts = r.starts[:len(r.starts)-1]
	r.nodes, r.children = r.nodes[:start.nodes], r.children[:start.children]
	return t
}

func sameText(a, b string) bool {
	return len(a) == len(b) && (unsafe.StringData(a) == unsafe.StringData(b) || a == b)
}
