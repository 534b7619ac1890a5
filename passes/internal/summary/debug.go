package summary

import (
	"fmt"
	"os"
)

func (b *builder) debug() {
	if n := os.Getenv("DBGFN"); n == "" || n != b.fn.Name() && !(b.whole && n == "whole") || b.whole && n != "whole" {
		return
	}
	fmt.Fprintln(os.Stderr, "== ", b.sum.Key)
	for i, u := range b.uses {
		fmt.Fprintln(os.Stderr, "use", i, u.Value, u.Type, u.Method, "role", u.Role, "th", u.Thread, "locks", u.Locks, u.Where, "site", u.site, "->", b.resolve(u.Value), u.Static, u.Guard)
	}
	for i, t := range b.threads {
		fmt.Fprintln(os.Stderr, "thread", i+1, fmt.Sprintf("%+v", t.Thread), t.site)
	}
	for i, o := range b.objects {
		fmt.Fprintln(os.Stderr, "obj", i, fmt.Sprintf("%+v", o.Object))
	}
	for _, c := range b.calls {
		fmt.Fprintln(os.Stderr, "call", fmt.Sprintf("%+v", c.Call), c.resolved)
	}
	for _, s := range b.stores {
		fmt.Fprintln(os.Stderr, "store", s)
	}
	fmt.Fprintln(os.Stderr, "conflicts", b.conflicts, "joins", b.joins)
	for _, a := range b.acquisitions {
		fmt.Fprintln(os.Stderr, "acq", a.Name, fmt.Sprintf("%+v", a.Outcome))
	}
	fmt.Fprintf(os.Stderr, "params %+v frees %+v owned %+v\n", b.sum.Params, b.sum.Frees, b.sum.Owned)
}
