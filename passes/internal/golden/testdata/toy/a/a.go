//golden:related

package a

func Mark() {} // rel "declared here"

func BadOne() {
	Mark() // want "call of Mark"
}

func BadTwo() {
	Mark()
	Mark() /* want "call of Mark" "of Mark" */
	// want +1 `call`
	Mark()
}

func OkNone() {}
