// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import "strconv"

// backends are what serves behind all contenders: nginx for requests, iperf3 for bulk data.
func backends() []contender {
	return []contender{
		{"HTTP backend", backendAddress, nil, fromTemplate(backendConfig, "nginx", "-c")},
		{"bulk backend", backendAddress, nil, func(string, contender, settings) ([]string, error) {
			return []string{"iperf3", "--server", "--bind", backendAddress, "--port", strconv.Itoa(bulkPort)}, nil
		}},
	}
}

// backendConfig answers every request with 100 bytes out of memory.
const backendConfig = `
daemon off;
pid {{.Folder}}/pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 10000; }
http {
  access_log off;
  client_body_temp_path {{.Folder}}/body;
  proxy_temp_path {{.Folder}}/proxy;
  fastcgi_temp_path {{.Folder}}/fastcgi;
  uwsgi_temp_path {{.Folder}}/uwsgi;
  scgi_temp_path {{.Folder}}/scgi;
  keepalive_requests 100000000;
  server {
    listen {{.Address}}:{{.HTTP}} backlog=4096;
    location / {
      default_type text/plain;
      return 200 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
    }
  }
}
`
