package queue

type watchKey struct{ kind, key string }

// Watch gives a channel that is closed when a handler of this Queue next returns
// from the job with that key, whatever it returned. stop must be called. A job
// that was handled before Watch closes nothing: look with Find after Watch.
func (q *Queue) Watch(kind, key string) (handled <-chan struct{}, stop func()) {
	c := make(chan struct{})
	k := watchKey{kind, key}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.watchers[k] = append(q.watchers[k], c)
	return c, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		list := q.watchers[k]
		for i := range list {
			if list[i] == c {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		if q.watchers[k] = list; len(list) == 0 {
			delete(q.watchers, k)
		}
	}
}

// handled tells those who watch one of the jobs.
func (q *Queue) handled(jobs []row) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.watchers) == 0 {
		return
	}
	for i := range jobs {
		k := watchKey{jobs[i].Kind, jobs[i].Key}
		for _, c := range q.watchers[k] {
			close(c)
		}
		delete(q.watchers, k)
	}
}
