// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// EchoMethod is the gRPC method of the app. It takes a google.protobuf.StringValue (any text) and
// returns one with a [Response] as JSON: well-known types only, so that no stubs are generated.
const EchoMethod = "/istioaws.echo.Echo/Echo"

// RegisterGRPC adds the echo service to a gRPC server.
func RegisterGRPC(registrar grpc.ServiceRegistrar, backend Backend) {
	service, method, _ := strings.Cut(strings.TrimPrefix(EchoMethod, "/"), "/")
	registrar.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: method, Handler: handleEcho}},
	}, backend)
}

func handleEcho(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	if err := decode(new(wrapperspb.StringValue)); err != nil {
		return nil, err
	}
	headers, _ := metadata.FromIncomingContext(ctx)
	answer := Response{
		Method:             "POST",
		Path:               EchoMethod,
		Host:               strings.Join(headers.Get(":authority"), ","),
		Proto:              "HTTP/2.0",
		Headers:            headers,
		ClientCertificates: ParseXFCC(strings.Join(headers.Get("x-forwarded-client-cert"), ",")),
		Backend:            srv.(Backend),
	}
	if p, ok := peer.FromContext(ctx); ok {
		answer.Remote = p.Addr.String()
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return wrapperspb.String(string(text)), nil
}
