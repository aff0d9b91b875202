package counterpart

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Cluster is one PostgreSQL server for all tests of a package, started for the
// first that asks. The package's TestMain stops it. The zero Cluster is ready.
type Cluster struct {
	once   sync.Once
	server *Postgres
	err    error
	made   atomic.Int64
}

// URL is an empty database of the test's own on the server; see PostgresURL.
func (c *Cluster) URL(t TB) string {
	t.Helper()
	Need(t, "postgresql")
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	c.once.Do(func() { c.server, c.err = StartPostgres(ctx, "", "fsync=off", "full_page_writes=off") })
	if c.err != nil {
		t.Fatalf("%v", c.err)
		return ""
	}
	url, err := c.server.CreateDatabase(ctx, fmt.Sprint("case", c.made.Add(1)))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return url
}

// Stop stops the server, if a test asked for it.
func (c *Cluster) Stop() error {
	if c.server == nil {
		return nil
	}
	return c.server.Stop()
}
