//go:build tools

// Package nodes names the program that plays nodes.
package nodes

import _ "sigs.k8s.io/kwok/cmd/kwok"
