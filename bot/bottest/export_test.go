package bottest

// Runs reports whether somebody runs the ledger.
func (l *Ledger) Runs() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.run != nil
}
