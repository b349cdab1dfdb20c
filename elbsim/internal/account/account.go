// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package account reads the file of --account: what an AWS account holds before the controller builds anything in
// it. It checks the file strictly and names all that is wrong with it at once. What the account then does is
// fakeaws' knowledge; what certificates are served is acm's.
package account

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// Reference is the text about the file for the commands' help.
const Reference = `The file of --account describes the AWS account, in YAML. All keys may be left out:
  region, account       such as eu-west-1 and "111122223333"
  vpc                   id; cidrs, a list
  zones                 letters or names; by default those of the subnets, else a, b and c
  subnets               id, zone, cidr; ipv6CIDR, freeAddresses (by default all), takenAddresses, public, tags.
                        By default a public and a private one with role tags in each zone
  securityGroups        id, name; tags, inbound (protocol, ports, source), members (CIDRs)
  certificates          arn, domains; status (issued, expired, pending), keyType (such as RSA_2048), or
                        certificateFile with privateKeyFile, in PEM, which "elbsim run" serves
  trustStores           arn, caBundleFile (PEM)
  webACLs               ARNs
  elasticIPs            allocationID; inUse
  prefixLists           id, entries (CIDRs); maxEntries
  addressPools          IDs of customer-owned pools and of IPAM's
  targetGroups          arn, protocol, port, targetType; protocolVersion. Made elsewhere
  loadBalancers         ARNs of those made elsewhere: their names are taken
  quotas                values by the names of Service Quotas
With the file the account holds what it lists and nothing else: a certificate that is not in it does not exist. Without
it any certificate, web ACL, trust store, Elastic IP address and prefix list exists whose name is well-formed.
elbsim/examples/account.yaml is a sample.`

// Account is what a file describes.
type Account struct {
	Options fakeaws.Options // without what the file says nothing of
	// Certificates are those whose files are given, by ARN.
	Certificates map[string]*tls.Certificate
	// TrustStores are the authorities of those whose files are given, by ARN.
	TrustStores map[string]*x509.CertPool
}

// Load reads and checks a file. Its error has a line for each thing that is wrong: file, line, key, value, what is
// allowed. Files that it names are looked for in its folder.
func Load(path string) (Account, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Account{}, fmt.Errorf("read the account: %w", err)
	}
	var f file
	p := &problems{path: path}
	if err := decode(content, &f); err != nil {
		p.decoding(err)
	}
	if p.none() || p.typed { // what is of the right type is checked in any case
		c := &checker{problems: p, folder: filepath.Dir(path), ids: map[string]int{}}
		account := c.account(f)
		if p.none() {
			return account, nil
		}
	}
	return Account{}, p.err()
}

var errSeveral = errors.New("the file has several documents (---); an account is one")

func decode(content []byte, into *file) error {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty; say at least the region, such as region: eu-west-1")
	}
	if err != nil {
		return err
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return errSeveral
	}
	return nil
}

// list joins what is allowed, for messages.
func list(values []string) string { return strings.Join(values, ", ") }
