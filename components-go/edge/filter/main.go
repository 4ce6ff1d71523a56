// Filters a catalogue of millions of rows: which products meet all conditions, how many there are
// with each value, and a page of them in an order.
//
// A host loads an image of columns once, then asks many queries of it (exports.go has the calls).
// Rows are in groups, the variants of a product: a group is found when one and the same of its rows
// meets all conditions. Sets are bit sets, of rows or of groups:
//
//   - image.go, layout.go, set.go: the image, the places of rows, sets.
//   - query.go, select.go, count.go, bounds.go, page.go: a query, in these steps.
//   - change.go: changes between queries.
//   - sorted.go: ranges of few rows, by an order of them.
//   - kernels.go, ranges.go, counts.go: the loops over whole columns. TinyGo's compiler makes
//     vectors of plain loops, counts of bits only in the form of counts_simd.go. For standard Go
//     with GOEXPERIMENT=simd there is kernels_simd.go.
package main

func main() {}
