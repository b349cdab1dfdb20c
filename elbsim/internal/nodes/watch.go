// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nodes

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Watch calls changed with all instances of the cluster, ordered by ID: once before it returns, and then,
// one call at a time, whenever they differ, until ctx ends. It fails with the error of the first call;
// those of later ones are logged, for a running simulator is worth more than one that stops.
// Nodes that do not run on EC2 are assumed to be in one of zones.
func Watch(ctx context.Context, client kubernetes.Interface, zones []string, log *slog.Logger, changed func([]Instance) error) error {
	factory := informers.NewSharedInformerFactory(client, 0)
	informer, lister := factory.Core().V1().Nodes().Informer(), factory.Core().V1().Nodes().Lister()
	w := &watcher{log: log, changed: changed, warned: map[string]string{}}
	if err := informer.SetTransform(Transform(zones)); err != nil {
		return fmt.Errorf("watch nodes: %w", err)
	}
	look := func() error {
		nodes, err := lister.List(labels.Everything())
		if err != nil {
			return fmt.Errorf("list nodes: %w", err)
		}
		return w.look(nodes)
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("watch nodes: %w", context.Cause(ctx))
	}
	if err := look(); err != nil {
		return err
	}
	again := func(any) {
		if err := look(); err != nil {
			log.Error("nodes changed", "err", err)
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: again, UpdateFunc: func(_, node any) { again(node) }, DeleteFunc: again,
	}); err != nil {
		return fmt.Errorf("watch nodes: %w", err)
	}
	return nil
}

// watcher tells changes of the instances from the many changes of nodes that do not matter.
type watcher struct {
	log     *slog.Logger
	changed func([]Instance) error

	mu     sync.Mutex
	told   bool
	last   []Instance
	warned map[string]string // by node: the error already told
}

func (w *watcher) look(nodes []*corev1.Node) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var now []Instance
	for _, node := range nodes {
		inst, ready, err := instance(node)
		switch {
		case err != nil && w.warned[node.Name] != err.Error():
			w.warned[node.Name] = err.Error()
			w.log.Warn("node is left out", "err", err)
		case ready:
			now = append(now, inst)
		}
	}
	slices.SortFunc(now, func(a, b Instance) int { return cmp.Compare(a.ID, b.ID) })
	if w.told && reflect.DeepEqual(now, w.last) {
		return nil
	}
	if err := w.changed(slices.Clone(now)); err != nil {
		return err // told again with the next event of any node
	}
	w.told, w.last = true, now
	return nil
}
