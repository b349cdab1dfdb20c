// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

var (
	statuses = map[string]fakeaws.CertificateStatus{"issued": fakeaws.Issued, "expired": fakeaws.Expired, "pending": fakeaws.Pending}
	// keyTypes are those that listeners take (user guides, "Certificates").
	keyTypes = []string{"RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}
	// domainForm is a DNS name, of which the first label may be a wildcard.
	domainForm = form{regexp.MustCompile(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`), "a host name such as example.com or *.example.com"}
	iamForm    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:server-certificate/.+$`)
)

func digits(n int) string { return strconv.Itoa(n) }

// certificate reads one, and puts what its files hold into served.
func (c *checker) certificate(key string, x certificate, region string, served map[string]*tls.Certificate) fakeaws.Certificate {
	form := arnForm("acm", region, "certificate/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "certificate/11111111-2222-3333-4444-555555555555")
	if iamForm.MatchString(x.ARN.value) {
		form.pattern = iamForm
	}
	c.id(form, key+".arn", x.ARN)
	c.oneOf(key+".status", x.Status, "issued", "expired", "pending")
	c.oneOf(key+".keyType", x.KeyType, keyTypes...)
	out := fakeaws.Certificate{ARN: x.ARN.value, Status: statuses[cmp.Or(x.Status.value, "issued")], KeyType: x.KeyType.value}
	for i, d := range x.Domains {
		c.is(domainForm, at(key+".domains", i), d)
		out.Domains = append(out.Domains, d.value)
	}
	files := x.CertificateFile.line > 0 && x.PrivateKeyFile.line > 0
	switch {
	case files:
		if pair := c.pair(key, x); pair != nil {
			served[x.ARN.value] = pair
			describe(pair.Leaf, &out, x)
		}
	case x.CertificateFile.line > 0:
		c.missing(key+".privateKeyFile", x.CertificateFile.line, "certificateFile needs it")
	case x.PrivateKeyFile.line > 0:
		c.missing(key+".certificateFile", x.PrivateKeyFile.line, "privateKeyFile needs it")
	case len(x.Domains) == 0:
		c.missing(key+".domains", x.ARN.line, "name those that the certificate covers, or give certificateFile and privateKeyFile")
	}
	return out
}

// describe says of a certificate what its file says, as far as the account does not.
func describe(leaf *x509.Certificate, out *fakeaws.Certificate, written certificate) {
	if len(written.Domains) == 0 {
		out.Domains = leaf.DNSNames
		for _, ip := range leaf.IPAddresses {
			out.Domains = append(out.Domains, ip.String())
		}
	}
	if written.Status.line == 0 && time.Now().After(leaf.NotAfter) {
		out.Status = fakeaws.Expired
	}
}

func (c *checker) pair(key string, x certificate) *tls.Certificate {
	certificate, ok := c.read(key+".certificateFile", x.CertificateFile)
	private, also := c.read(key+".privateKeyFile", x.PrivateKeyFile)
	if !ok || !also {
		return nil
	}
	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		c.add(key+".certificateFile", x.CertificateFile, "want a certificate in PEM that belongs to the key in %q: %v", x.PrivateKeyFile.value, err)
		return nil
	}
	return &pair
}

// bundle reads the authorities of a trust store, if a file is given.
func (c *checker) bundle(key string, v text) *x509.CertPool {
	if v.line == 0 {
		return nil
	}
	content, ok := c.read(key, v)
	if !ok {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		c.add(key, v, "want certificates of authorities, in PEM")
		return nil
	}
	return pool
}

// read reads a file that the account names, beside it.
func (c *checker) read(key string, v text) ([]byte, bool) {
	path := v.value
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.folder, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		c.add(key, v, "%v", err)
		return nil, false
	}
	return content, true
}
