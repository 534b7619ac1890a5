// Package machinery stands in for the package of this name, with no more of its
// API than the entry points and the golden packages use.
package machinery

// Server knows tasks.
type Server struct{ tasks map[string]any }

// Worker processes them.
type Worker struct{ Concurrency int }

func (server *Server) RegisterTasks(namedTaskFuncs map[string]any) error {
	server.tasks = namedTaskFuncs
	return nil
}

func (server *Server) RegisterTask(name string, taskFunc any) error {
	server.tasks[name] = taskFunc
	return nil
}

func (server *Server) NewWorker(consumerTag string, concurrency int) *Worker {
	return &Worker{concurrency}
}

func (worker *Worker) Launch() error                       { return nil }
func (worker *Worker) LaunchAsync(errorsChan chan<- error) {}
