// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import "reflect"

// clone copies v with everything it points to. Unexported fields are copied as they are; the SDK's
// types have none that point anywhere.
func clone[T any](v T) T {
	var out T
	cloneInto(reflect.ValueOf(&out).Elem(), reflect.ValueOf(&v).Elem())
	return out
}

func cloneInto(out, in reflect.Value) {
	switch in.Kind() {
	case reflect.Pointer:
		if !in.IsNil() {
			p := reflect.New(in.Type().Elem())
			cloneInto(p.Elem(), in.Elem())
			out.Set(p)
		}
	case reflect.Interface:
		if !in.IsNil() {
			e := reflect.New(in.Elem().Type()).Elem()
			cloneInto(e, in.Elem())
			out.Set(e)
		}
	case reflect.Struct:
		out.Set(in)
		for i := range in.NumField() {
			if in.Type().Field(i).IsExported() {
				cloneInto(out.Field(i), in.Field(i))
			}
		}
	case reflect.Slice:
		if !in.IsNil() {
			out.Set(reflect.MakeSlice(in.Type(), in.Len(), in.Len()))
			for i := range in.Len() {
				cloneInto(out.Index(i), in.Index(i))
			}
		}
	case reflect.Map:
		if !in.IsNil() {
			out.Set(reflect.MakeMapWithSize(in.Type(), in.Len()))
			for it := in.MapRange(); it.Next(); {
				e := reflect.New(in.Type().Elem()).Elem()
				cloneInto(e, it.Value())
				out.SetMapIndex(it.Key(), e)
			}
		}
	default:
		out.Set(in)
	}
}
