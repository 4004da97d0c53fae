//go:build tools

// Package store names the database of a Kubernetes.
package store

import _ "go.etcd.io/etcd/server/v3"
