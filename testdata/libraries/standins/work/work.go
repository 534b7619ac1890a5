// Package work stands in for gocraft/work, with no more of its API than the
// entry points and the golden packages use.
package work

// Job is one job.
type Job struct {
	Name string
	Args map[string]any
}

// ArgString reads an argument.
func (j *Job) ArgString(key string) string {
	s, _ := j.Args[key].(string)
	return s
}

// NextMiddlewareFunc goes on to the next middleware, or to the job.
type NextMiddlewareFunc func() error

// JobOptions are options of one kind of jobs.
type JobOptions struct{ Priority uint }

// WorkerPool has workers.
type WorkerPool struct{ handlers []any }

// NewWorkerPool makes a pool whose jobs have contexts of the type of ctx.
func NewWorkerPool(ctx any, concurrency uint, namespace string, pool any) *WorkerPool {
	return &WorkerPool{}
}

func (wp *WorkerPool) Middleware(fn any) *WorkerPool {
	wp.handlers = append(wp.handlers, fn)
	return wp
}

func (wp *WorkerPool) Job(name string, fn any) *WorkerPool { return wp.Middleware(fn) }

func (wp *WorkerPool) JobWithOptions(name string, jobOpts JobOptions, fn any) *WorkerPool {
	return wp.Middleware(fn)
}

func (wp *WorkerPool) Start() {}
func (wp *WorkerPool) Stop()  {}
