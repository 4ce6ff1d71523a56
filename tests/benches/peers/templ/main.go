// Command templshop serves the product page of the example store from templ's components:
// templshop ADDRESS FILE, the file being the page's data.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/a-h/templ"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "templshop:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("an address and a file are needed")
	}
	data, err := load(arguments[1])
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{handle}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.FormValue("variant"), 10, 64)
		variant := data.Product.variant(id)
		if r.PathValue("handle") != data.Product.Handle || variant == nil {
			http.NotFound(w, r)
			return
		}
		templ.Handler(page(data, variant)).ServeHTTP(w, r)
	})
	return http.ListenAndServe(arguments[0], mux)
}
