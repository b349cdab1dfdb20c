// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
	"github.com/istio-aws/istio-aws/elbsim/internal/state"
)

// noState is the value of --state that keeps nothing.
const noState = "none"

// The authorities whose certificates outlive a restart, with their common names.
const (
	acmAuthority     = "acm"
	webhookAuthority = "webhooks"
)

var authorityNames = map[string]string{acmAuthority: "elbsim simulated ACM", webhookAuthority: "elbsim webhooks"}

// memory is what outlives a restart, and the file that holds it.
type memory struct {
	file        *state.File   // nil with --state none
	keeper      *state.Keeper // of the file
	authorities map[string]*authority.Authority
	marshalled  map[string][]byte // the authorities, as the file has them
	clusterUID  atomic.Pointer[string]
}

// statePath is the file of --state, or else one for the cluster where a program of this user keeps its state.
func statePath(asked, cluster string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	name := cluster + ".json"
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib/elbsim", name), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the state: %w; name a file by --state", err)
	}
	return filepath.Join(cmp.Or(os.Getenv("XDG_STATE_HOME"), filepath.Join(home, ".local", "state")), "elbsim", name), nil
}

// remember puts the account and the authorities into the state that the file holds, and keeps the file from now on.
func (s *simulator) remember() error {
	if s.state == noState {
		return s.restore(state.Content{})
	}
	path, err := statePath(s.state, s.config.ClusterName())
	if err != nil {
		return err
	}
	if s.file, err = state.Open(path); err != nil {
		return err
	}
	if err := s.read(); err != nil {
		return errors.Join(fmt.Errorf("state file %s: %w. Give another file by --state, or start once with --forget: "+
			"all load balancers of the cluster are then made again, under new addresses", path, err), s.file.Close())
	}
	s.keeper = state.Keep(s.file, s.content, s.log)
	s.account.SetCommit(s.keeper.Commit)
	return nil
}

func (s *simulator) read() error {
	if s.forget {
		return s.restore(state.Content{})
	}
	content, found, err := s.file.Load()
	if err != nil || !found {
		return errors.Join(err, s.restore(content))
	}
	if own := s.config.ClusterName(); content.Cluster != own {
		return fmt.Errorf("it is of cluster %q, and --cluster-name is %q", content.Cluster, own)
	}
	if err := s.account.Restore(content.AWS); err != nil {
		return err
	}
	return s.restore(content)
}

// restore takes the authorities of a file, or makes those that it has not.
func (s *simulator) restore(content state.Content) error {
	s.clusterUID.Store(&content.ClusterUID)
	s.authorities, s.marshalled = map[string]*authority.Authority{}, map[string][]byte{}
	for purpose, name := range authorityNames {
		var err error
		if marshalled := content.Authorities[purpose]; marshalled != nil {
			s.authorities[purpose], err = authority.Load(marshalled)
		} else {
			s.authorities[purpose], err = authority.New(name)
		}
		if err != nil {
			return err
		}
		if s.marshalled[purpose], err = s.authorities[purpose].Marshal(); err != nil {
			return err
		}
	}
	return nil
}

// content is the state of now.
func (s *simulator) content() state.Content {
	return state.Content{
		Cluster: s.config.ClusterName(), ClusterUID: *s.clusterUID.Load(), AWS: s.account.State(), Authorities: s.marshalled,
	}
}

// saveLast writes what happened since the last time and gives the file back.
func (s *simulator) saveLast() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.keeper.Save(), s.file.Close())
}
