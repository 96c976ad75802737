// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func main() {
	all, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version": 2, "rules": [], "default": {"fixed_target": 100, "rate": 1.0}}`))
	if err != nil {
		panic(err)
	}
	if err := xray.Configure(xray.Config{SamplingStrategy: all}); err != nil {
		panic(err)
	}
	ctx, segment := xray.BeginSegment(context.Background(), "interop-go")
	if err := segment.AddAnnotation("language", "go"); err != nil {
		panic(err)
	}
	_, call := xray.BeginSubsegment(ctx, "bank.example.com")
	call.Namespace = "remote"
	call.Close(errors.New("no answer within 2.0 s"))
	segment.Fault = true
	segment.Close(nil)
	time.Sleep(500 * time.Millisecond) // the emitter sends in the background
}
