// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// service answers as gRPC's own interoperability tests expect it.
type service struct {
	pb.UnimplementedTestServiceServer
}

func (service) UnaryCall(ctx context.Context, in *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	if s := in.GetResponseStatus(); s.GetCode() != 0 {
		return nil, status.Error(codes.Code(s.GetCode()), s.GetMessage())
	}
	sent, _ := metadata.FromIncomingContext(ctx)
	if err := grpc.SetTrailer(ctx, metadata.MD{"x-echo-trailing": sent.Get("x-echo")}); err != nil {
		return nil, err
	}
	return &pb.SimpleResponse{Payload: in.GetPayload()}, nil
}

func (service) StreamingOutputCall(in *pb.StreamingOutputCallRequest, out grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	for _, p := range in.GetResponseParameters() {
		if err := out.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: make([]byte, p.GetSize())}}); err != nil {
			return err
		}
	}
	return nil
}

func (service) StreamingInputCall(in grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	var sum int32
	for {
		message, err := in.Recv()
		if errors.Is(err, io.EOF) {
			return in.SendAndClose(&pb.StreamingInputCallResponse{AggregatedPayloadSize: sum})
		}
		if err != nil {
			return err
		}
		sum += int32(len(message.GetPayload().GetBody()))
	}
}

func (service) FullDuplexCall(both grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	for {
		message, err := both.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := both.Send(&pb.StreamingOutputCallResponse{Payload: message.GetPayload()}); err != nil {
			return err
		}
	}
}

func TestRow24GRPC(t *testing.T) {
	l := start(t, map[string]string{shopARN: "shop.example.com"})
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pb.RegisterTestServiceServer(server, service{})
	done := make(chan error, 1)
	go func() { done <- server.Serve(socket) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-done)
	})
	lb := loadBalancer(elb.Application, httpGroup(t, "GRPC", socket.Addr().String()),
		elb.Listener{Protocol: "HTTPS", Certificates: []string{shopARN}, SSLPolicy: tls12, DefaultActions: forward()})
	lb.Listeners[0].Port = freePort(t, lb.Addresses[0].IP)
	l.apply(t, lb)
	l.healthy(t, lb) // row 49: a gRPC server answers the default path with 12

	conn, err := grpc.NewClient(at(lb, 0), grpc.WithTransportCredentials(credentials.NewTLS(l.tls("shop.example.com"))))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	c := pb.NewTestServiceClient(conn)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	payload := func(n int) *pb.Payload { return &pb.Payload{Body: make([]byte, n)} }

	t.Run("a unary call with metadata in the trailer", func(t *testing.T) {
		var trailer metadata.MD
		resp, err := c.UnaryCall(metadata.AppendToOutgoingContext(ctx, "x-echo", "back"), &pb.SimpleRequest{Payload: payload(300 << 10)}, grpc.Trailer(&trailer))
		require.NoError(t, err)
		assert.Len(t, resp.GetPayload().GetBody(), 300<<10)
		assert.Equal(t, []string{"back"}, trailer.Get("x-echo-trailing"))
	})
	t.Run("a status that is not OK", func(t *testing.T) {
		_, err := c.UnaryCall(ctx, &pb.SimpleRequest{ResponseStatus: &pb.EchoStatus{Code: int32(codes.ResourceExhausted), Message: "sold out"}})
		assert.Equal(t, codes.ResourceExhausted, status.Code(err))
		assert.ErrorContains(t, err, "sold out")
	})
	t.Run("a method that does not exist", func(t *testing.T) {
		_, err := c.UnimplementedCall(ctx, &pb.Empty{})
		assert.Equal(t, codes.Unimplemented, status.Code(err))
	})
	t.Run("a stream from the server", func(t *testing.T) {
		stream, err := c.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{ResponseParameters: []*pb.ResponseParameters{{Size: 1}, {Size: 100 << 10}, {Size: 0}}})
		require.NoError(t, err)
		var sizes []int
		for {
			message, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			sizes = append(sizes, len(message.GetPayload().GetBody()))
		}
		assert.Equal(t, []int{1, 100 << 10, 0}, sizes)
	})
	t.Run("a stream from the client", func(t *testing.T) {
		stream, err := c.StreamingInputCall(ctx)
		require.NoError(t, err)
		for range 50 {
			require.NoError(t, stream.Send(&pb.StreamingInputCallRequest{Payload: payload(10_000)}))
		}
		resp, err := stream.CloseAndRecv()
		require.NoError(t, err)
		assert.EqualValues(t, 500_000, resp.GetAggregatedPayloadSize())
	})
	t.Run("streams both ways, in turns", func(t *testing.T) {
		stream, err := c.FullDuplexCall(ctx)
		require.NoError(t, err)
		for n := 1; n < 100_000; n *= 7 {
			require.NoError(t, stream.Send(&pb.StreamingOutputCallRequest{Payload: payload(n)}))
			message, err := stream.Recv()
			require.NoError(t, err)
			assert.Len(t, message.GetPayload().GetBody(), n)
		}
		require.NoError(t, stream.CloseSend())
		_, err = stream.Recv()
		assert.ErrorIs(t, err, io.EOF)
	})
	t.Run("a call that the client gives up", func(t *testing.T) {
		gone, giveUp := context.WithCancel(ctx)
		stream, err := c.FullDuplexCall(gone)
		require.NoError(t, err)
		require.NoError(t, stream.Send(&pb.StreamingOutputCallRequest{Payload: payload(1)}))
		_, err = stream.Recv()
		require.NoError(t, err)
		giveUp()
		_, err = stream.Recv()
		assert.Equal(t, codes.Canceled, status.Code(err))
	})
}
