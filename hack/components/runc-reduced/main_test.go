// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import "testing"

func TestWithout(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		path           []string
	}{
		{
			name: "a container loses the capability from every set and nothing else",
			in:   `{"process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"],"effective":["CAP_SYS_RESOURCE"]}},"size":18446744073709551615}`,
			path: []string{"process"},
			want: `{"process":{"capabilities":{"bounding":["CAP_CHOWN"],"effective":[]}},"size":18446744073709551615}`,
		},
		{
			name: "an exec loses the capability",
			in:   `{"args":["sh"],"capabilities":{"permitted":["CAP_SYS_RESOURCE","CAP_KILL"]}}`,
			want: `{"args":["sh"],"capabilities":{"permitted":["CAP_KILL"]}}`,
		},
		{
			name: "what does not name the capability stays byte for byte",
			in:   "{ \"args\" : [\"sh\"] }\n",
			want: "{ \"args\" : [\"sh\"] }\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := without([]byte(tt.in), tt.path...)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if _, err := without([]byte(`{"CAP_SYS_RESOURCE"`)); err == nil {
		t.Error("broken JSON is accepted")
	}
}
