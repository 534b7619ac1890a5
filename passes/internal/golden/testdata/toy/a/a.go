//golden:related

package a

func Mark() int { return 0 } // rel "declared here"

func BadOne() {
	Mark() // want "call of Mark"
}

func BadTwo() {
	println(Mark(), Mark()) /* want "call of Mark" "of Mark" */
	// want +1 `call`
	Mark()
}

func OkNone() {}
