// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// CallQuery says which calls are wanted; zero fields want all.
type CallQuery struct {
	Operation string
	Since     time.Time // calls that began after it
	Failed    bool      // only those that failed
	Limit     int       // only that many, the last
}

func (h handler) calls(w http.ResponseWriter, r *http.Request) {
	q, err := callQuery(r.URL.Query())
	if err != nil {
		h.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	h.json(w, http.StatusOK, h.src.Calls(q))
}

func callQuery(values url.Values) (q CallQuery, err error) {
	for name, given := range values {
		v := given[len(given)-1]
		switch name {
		case "operation":
			q.Operation = v
		case "since":
			q.Since, err = time.Parse(time.RFC3339Nano, v)
		case "failed":
			q.Failed, err = strconv.ParseBool(v)
		case "limit":
			if q.Limit, err = strconv.Atoi(v); err == nil && q.Limit < 1 {
				err = fmt.Errorf("it must be above 0")
			}
		default:
			err = fmt.Errorf("there are operation, since, failed and limit")
		}
		if err != nil {
			return CallQuery{}, fmt.Errorf("query %s=%q: %w", name, v, err)
		}
	}
	return q, nil
}
