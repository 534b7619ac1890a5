//golden:related

package unlisted

func Mark() {}

func BadOne() {
	Mark() // want "call of Mark"
}

func FN_kept() { println() }

func FP_kept() {
	Mark() // want "call of Mark"
}
