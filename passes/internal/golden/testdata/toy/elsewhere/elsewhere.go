// Package elsewhere has findings outside the functions that they are about.
package elsewhere

func Mark() {}

func helper() {
	Mark() // want "call of Mark"
}

// BadCaller is found in helper.
func BadCaller() { helper() }

type table struct{ run func() }

func (t table) all() {
	t.run()
	Mark() // want "call of Mark"
}

// BadMethod is found in all, whatever it runs.
func BadMethod() { table{func() {}}.all() }

func BadRelated() {
	func() {
		Mark() // want "call of Mark"
	}()
}
