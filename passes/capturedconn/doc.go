// Package capturedconn reports connections that a goroutine and its starter use at once.
//
// # Analyzer capturedconn
//
// capturedconn: report connections used by a goroutine and by the code that started it
//
// # What it does
//
// It finds a connection captured by, or passed to, a goroutine while the code
// that started it, a sibling goroutine or the next turn of the loop may still
// use, close or release it.
//
// # Why is this bad?
//
// The two speak on one conversation at once: "conn busy", mixed replies, a
// panic, or a goroutine that works on a connection somebody else got from the
// pool in the meantime.
//
// # Example
//
//	for _, id := range ids {
//		g.Go(func() error {
//			_, err := tx.Exec(ctx, "…", id) // tx.Exec may run at the same time as itself
//			return err
//		})
//	}
//
// # Use instead
//
//	for _, id := range ids {
//		g.Go(func() error {
//			_, err := pool.Exec(ctx, "…", id) // each goroutine takes its own connection
//			return err
//		})
//	}
//
// Or wait for the goroutine before the connection is used again, or give the
// connection to the goroutine for good.
//
// # Known problems
//
// Elements of a slice that are found by a variable index are not told apart,
// so a goroutine for each element is never reported.
package capturedconn
