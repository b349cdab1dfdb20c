// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package console is the page for people: load balancers, their targets and their traffic, live. It is plain HTML,
// CSS and JavaScript modules, embedded as they are, and reads the API like any other client.
package console

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var files embed.FS

// policy lets the page load nothing that is not its own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page at / and its parts below /console/.
func Handler() http.Handler {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is embedded by that name
	}
	parts := http.StripPrefix("/console", http.FileServerFS(page))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		if r.URL.Path == "/" {
			http.ServeFileFS(w, r, page, "index.html")
			return
		}
		parts.ServeHTTP(w, r)
	})
}
