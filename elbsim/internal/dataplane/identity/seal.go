// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
)

// sealer makes text that only it can read or make.
type sealer struct {
	encrypter jose.Encrypter
	secret    []byte
}

// close seals a value. The text is safe in URLs and cookies.
func (s sealer) close(value any) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	sealed, err := s.encrypter.Encrypt(plain)
	if err != nil {
		return "", err
	}
	return sealed.CompactSerialize()
}

// open reads what close has made.
func (s sealer) open(text string, value any) error {
	sealed, err := jose.ParseEncryptedCompact(text, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return err
	}
	plain, err := sealed.Decrypt(s.secret)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, value)
}
