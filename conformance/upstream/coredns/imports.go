//go:build tools

// Package coredns names the DNS server that upstream's cluster is measured with.
package coredns

import _ "github.com/coredns/coredns"
