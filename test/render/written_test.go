// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

// written is one annotation or attribute of albPublic or nlbInternal, with further values, and part of what the chart says to it;
// "" when it takes it.
type written struct {
	title, place, name, value string
	keys                      string // values beside it
	want                      string
}

// batch is rows that one rendering can answer: of one load balancer, with the same values beside them, no name twice.
type batch []written

// batches puts rows together, because a rendering takes a tenth of a second. A row with a blank in front of its keys stays alone.
func batches(rows []written) []batch {
	var all []batch
	for _, row := range rows {
		fits := func(b batch) bool {
			return b[0].keys == row.keys && !strings.HasPrefix(row.keys, " ") &&
				!slices.ContainsFunc(b, func(other written) bool { return other.place == row.place && other.name == row.name })
		}
		if i := slices.IndexFunc(all, fits); i >= 0 {
			all[i] = append(all[i], row)
		} else {
			all = append(all, batch{row})
		}
	}
	return all
}

// render renders the rows of a batch together, in the values of one load balancer.
func (b batch) render(t *testing.T, values func(string) string) (*render.Release, error) {
	places := map[string]map[string]string{}
	for _, row := range b {
		if places[row.place] == nil {
			places[row.place] = map[string]string{}
		}
		places[row.place][row.name] = row.value
	}
	var keys []string
	for _, place := range slices.Sorted(maps.Keys(places)) {
		content, err := json.Marshal(places[place])
		require.NoError(t, err)
		keys = append(keys, place+": "+string(content))
	}
	if beside := strings.TrimSpace(b[0].keys); beside != "" {
		keys = append(keys, beside)
	}
	return chart(t).Render(render.Options{Values: []string{"{base: {enabled: false}, istiod: {enabled: false}}", values(strings.Join(keys, ", "))}})
}

// refuseWritten renders rows and sees each refused, in a line about its name.
func refuseWritten(t *testing.T, lb string, values func(string) string, rows []written) {
	t.Helper()
	refused := 0
	for _, b := range batches(rows) {
		_, err := b.render(t, values)
		require.Error(t, err, b[0].title)
		for _, row := range b {
			if row.want != "" {
				refused++
			}
			t.Run(row.title, func(t *testing.T) {
				start, said := "- loadBalancers."+lb+"."+row.place+": \""+row.name+"\" ", ""
				for line := range strings.SplitSeq(err.Error(), "\n") {
					if rest, is := strings.CutPrefix(line, start); is {
						said = rest
					}
				}
				assert.Equal(t, row.want == "", said == "", "%s\nin: %s", start, err)
				assert.Contains(t, said, row.want)
			})
		}
	}
	t.Logf("%d refusals", refused)
}
