// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// cookieExpires is what all stickiness cookies tell the client, whatever the configured duration (row 45).
const cookieExpires = 7 * 24 * time.Hour

// maxPins is how many target groups a cookie remembers, so that it stays below a browser's 4 KiB.
const maxPins = 8

// pin is what a stickiness cookie says of one target group.
type pin struct {
	Group string `json:"g"`           // name
	ID    string `json:"t,omitempty"` // of the target; empty pins the group alone
	Port  uint16 `json:"p,omitempty"`
	Until int64  `json:"u"` // Unix nanoseconds
}

// seal makes cookies that clients can neither read nor change. Its key follows from the load balancer's ARN, so
// that all nodes and listeners understand each other, also after a restart; AWS rotates its keys.
type seal struct{ aead cipher.AEAD }

func newSeal(loadBalancer string) (*seal, error) {
	key := sha256.Sum256([]byte("stickiness of " + loadBalancer))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &seal{aead}, err
}

// close turns pins into the value of a cookie.
func (s *seal) close(name string, pins []pin) (string, error) {
	text, err := json.Marshal(pins)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, text, []byte(name))), nil
}

// open returns the pins of a cookie that still hold; none for what this load balancer has not made.
func (s *seal) open(name, value string, now time.Time) []pin {
	sealed, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return nil
	}
	text, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil
	}
	var pins, valid []pin
	if json.Unmarshal(text, &pins) != nil {
		return nil
	}
	for _, p := range pins {
		if p.Until > now.UnixNano() {
			valid = append(valid, p)
		}
	}
	return valid
}

// cookie returns the value of a client's cookie.
func cookie(f message.Fields, name string) (value string, found bool) {
	for i := range f {
		if !strings.EqualFold(f[i].Name, "Cookie") {
			continue
		}
		for part := range strings.SplitSeq(f[i].Value, ";") {
			if key, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok && key == name {
				return value, true
			}
		}
	}
	return "", false
}

// setsCookie tells whether a response sets a cookie of that name, to whatever value.
func setsCookie(f message.Fields, name string) bool {
	for i := range f {
		if !strings.EqualFold(f[i].Name, "Set-Cookie") {
			continue
		}
		if key, _, ok := strings.Cut(f[i].Value, "="); ok && strings.TrimSpace(key) == name {
			return true
		}
	}
	return false
}

// setCookie adds a cookie to a response.
func setCookie(f *message.Fields, name, value, more string) {
	f.Add("Set-Cookie", name+"="+value+"; Expires="+time.Now().Add(cookieExpires).UTC().Format(http.TimeFormat)+"; Path=/"+more)
}
