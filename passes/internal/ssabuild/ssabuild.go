// Package ssabuild builds SSA for one package, only when it is asked to.
//
// buildssa in an analyzer's Requires would build it for every package of the
// closure, which costs more than all the rest of a run.
package ssabuild

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// Package is the SSA form of the package under analysis.
type Package struct {
	SSA   *ssa.Package
	Funcs []*ssa.Function // functions, methods and the package initializer, then their closures, in source order
	Left  []string        // what could not be built, and why: "name: reason"
}

// Build builds the package. It needs type information without errors. A
// function that the SSA builder cannot build is left without a body. The error
// says why not even the package's declarations could be built.
func Build(pass *analysis.Pass) (*Package, error) {
	pkg, err := attempt(pass, nil)
	if err == nil {
		return &Package{SSA: pkg, Funcs: functions(pass, pkg)}, nil
	}
	p := &Package{}
	leftOut := map[*ast.FuncDecl]bool{}
	for d, err := range culprits(pass) {
		leftOut[d] = true
		p.Left = append(p.Left, d.Name.Name+": "+err.Error())
	}
	slices.Sort(p.Left)
	if p.SSA, err = attempt(pass, leftOut); err != nil {
		return nil, err
	}
	p.Funcs = functions(pass, p.SSA)
	return p, nil
}

func functions(pass *analysis.Pass, pkg *ssa.Package) []*ssa.Function {
	var out []*ssa.Function
	if init := pkg.Func("init"); init != nil {
		out = append(out, init)
	}
	for _, f := range pass.Files {
		for _, d := range f.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok || fd.Name.Name == "_" {
				continue
			}
			if obj, ok := pass.TypesInfo.Defs[fd.Name].(*types.Func); ok {
				if fn := pkg.Prog.FuncValue(obj); fn != nil {
					out = append(out, fn)
				}
			}
		}
	}
	out = append(out, inits(pkg)...)
	for i := 0; i < len(out); i++ {
		out = append(out, out[i].AnonFuncs...)
	}
	return out
}

// inits lists the init functions, which have no object of their own in the package scope.
func inits(pkg *ssa.Package) []*ssa.Function {
	var out []*ssa.Function
	for _, m := range pkg.Members {
		if fn, ok := m.(*ssa.Function); ok && len(fn.Name()) > 5 && fn.Name()[:5] == "init#" {
			out = append(out, fn)
		}
	}
	slices.SortFunc(out, func(a, b *ssa.Function) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out
}

// noReturn are functions that never give control back to their caller.
var noReturn = map[string]bool{
	"os.Exit": true, "runtime.Goexit": true, "syscall.Exit": true,
	"log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true, "log.Panic": true, "log.Panicf": true, "log.Panicln": true,
	"(*log.Logger).Fatal": true, "(*log.Logger).Fatalf": true, "(*log.Logger).Fatalln": true,
	"(*log.Logger).Panic": true, "(*log.Logger).Panicf": true, "(*log.Logger).Panicln": true,
	"(*testing.common).Fatal": true, "(*testing.common).Fatalf": true, "(*testing.common).FailNow": true,
	"(*testing.common).Skip": true, "(*testing.common).Skipf": true, "(*testing.common).SkipNow": true,
	"(testing.TB).Fatal": true, "(testing.TB).Fatalf": true, "(testing.TB).FailNow": true,
	"(testing.TB).Skip": true, "(testing.TB).Skipf": true, "(testing.TB).SkipNow": true,
	"(*go.uber.org/zap.Logger).Fatal": true, "(*go.uber.org/zap.Logger).Panic": true,
	"(*go.uber.org/zap.SugaredLogger).Fatal": true, "(*go.uber.org/zap.SugaredLogger).Fatalf": true,
	"(*go.uber.org/zap.SugaredLogger).Fatalw": true, "(*go.uber.org/zap.SugaredLogger).Fatalln": true,
	"(*go.uber.org/zap.SugaredLogger).Panic": true, "(*go.uber.org/zap.SugaredLogger).Panicf": true,
	"(*go.uber.org/zap.SugaredLogger).Panicw": true,
	"github.com/sirupsen/logrus.Fatal":        true, "github.com/sirupsen/logrus.Fatalf": true, "github.com/sirupsen/logrus.Fatalln": true,
	"github.com/sirupsen/logrus.Panic": true, "github.com/sirupsen/logrus.Panicf": true,
	"(*github.com/sirupsen/logrus.Logger).Fatal": true, "(*github.com/sirupsen/logrus.Logger).Fatalf": true,
	"(*github.com/sirupsen/logrus.Entry).Fatal": true, "(*github.com/sirupsen/logrus.Entry).Fatalf": true,
	"k8s.io/klog/v2.Fatal": true, "k8s.io/klog/v2.Fatalf": true, "k8s.io/klog/v2.Exit": true, "k8s.io/klog/v2.Exitf": true,
	"github.com/golang/glog.Fatal": true, "github.com/golang/glog.Fatalf": true, "github.com/golang/glog.Exit": true, "github.com/golang/glog.Exitf": true,
	"github.com/stretchr/testify/require.FailNow": true, "github.com/stretchr/testify/require.Fail": true,
}

// NoReturn reports whether the function is known never to return.
func NoReturn(f *types.Func) bool { return noReturn[catalog.FuncKey(f)] }
