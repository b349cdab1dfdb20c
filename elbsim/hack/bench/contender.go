// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"text/template"
)

// contender is a program that is measured, on an address of its own.
type contender struct {
	name    string
	address string
	bulk    []int // ports to the bulk backend, one for each way that the program has to pass bytes
	command func(folder string, c contender, s settings) (args []string, err error)
}

// Ports of every contender, and of the backends behind them.
const (
	httpPort = 18080 // HTTP/1.1 with kept connections on both sides
	flowPort = 18081 // TCP, to the HTTP backend
	bulkPort = 18082 // TCP, to the bulk backend
	// splicePort is the same with HAProxy's splice-auto, which is faster on some machines and slower on others.
	splicePort = 18083
)

// backendAddress is where nginx and iperf3 serve for all contenders.
const backendAddress = "127.0.117.1"

// Names in the tables.
const (
	elbsimName  = "elbsim"
	haproxyName = "HAProxy"
	nginxName   = "nginx"
	directName  = "no proxy"
)

func contenders() []contender {
	return []contender{
		{elbsimName, "127.0.117.2", []int{bulkPort}, elbsimCommand},
		{haproxyName, "127.0.117.3", []int{bulkPort, splicePort}, fromTemplate(haproxyConfig, "haproxy", "-db", "-f")},
		{nginxName, "127.0.117.4", []int{bulkPort}, fromTemplate(nginxConfig, "nginx", "-c")},
	}
}

// fromTemplate returns a command whose last argument is a configuration file.
func fromTemplate(text string, program ...string) func(string, contender, settings) ([]string, error) {
	return func(folder string, c contender, s settings) ([]string, error) {
		path := filepath.Join(folder, "conf")
		var out bytes.Buffer
		if err := template.Must(template.New("").Parse(text)).Execute(&out, values(folder, c, s)); err != nil {
			return nil, err
		}
		return append(program, path), os.WriteFile(path, out.Bytes(), 0o600)
	}
}

func values(folder string, c contender, s settings) map[string]any {
	return map[string]any{"Folder": folder, "Address": c.address, "Backend": backendAddress, "Threads": s.threads,
		"HTTP": httpPort, "Flow": flowPort, "Bulk": bulkPort, "Splice": splicePort}
}

// elbsimCommand is this program as a data plane with load balancers from a file.
func elbsimCommand(folder string, c contender, s settings) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(loadBalancers(c.address))
	if err != nil {
		return nil, fmt.Errorf("encode load balancers: %w", err)
	}
	path := filepath.Join(folder, "loadbalancers.json")
	return []string{self, serveCommand, strconv.Itoa(s.threads), path}, os.WriteFile(path, text, 0o600)
}

// haproxyConfig does what an ALB and an NLB do: the same header fields, checks of the targets, reuse of their
// connections, no log.
const haproxyConfig = `
global
  nbthread {{.Threads}}
  maxconn 4000
defaults
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend http
  mode http
  bind {{.Address}}:{{.HTTP}}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port {{.HTTP}}
  default_backend http
backend http
  mode http
  http-reuse always
  option httpchk GET /
  server one {{.Backend}}:{{.HTTP}} check inter 15s
listen flow
  mode tcp
  bind {{.Address}}:{{.Flow}}
  server one {{.Backend}}:{{.HTTP}} check inter 10s
listen bulk
  mode tcp
  bind {{.Address}}:{{.Bulk}}
  server one {{.Backend}}:{{.Bulk}}
listen splice
  mode tcp
  option splice-auto
  bind {{.Address}}:{{.Splice}}
  server one {{.Backend}}:{{.Bulk}}
`

const nginxConfig = `
daemon off;
pid {{.Folder}}/pid;
error_log stderr warn;
worker_processes {{.Threads}};
include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 10000; }
http {
  access_log off;
  client_body_temp_path {{.Folder}}/body;
  proxy_temp_path {{.Folder}}/proxy;
  fastcgi_temp_path {{.Folder}}/fastcgi;
  uwsgi_temp_path {{.Folder}}/uwsgi;
  scgi_temp_path {{.Folder}}/scgi;
  keepalive_requests 100000000;
  upstream backend { server {{.Backend}}:{{.HTTP}}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen {{.Address}}:{{.HTTP}} backlog=4096;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
    }
  }
}
stream {
  server { listen {{.Address}}:{{.Flow}} backlog=4096; proxy_pass {{.Backend}}:{{.HTTP}}; }
  server { listen {{.Address}}:{{.Bulk}}; proxy_pass {{.Backend}}:{{.Bulk}}; }
}
`
