package wrong

func Mark() {}

func Missing() { // want "call of Mark"
	println("nothing marked here") // rel "declared here"
}

func Unexpected() {
	Mark()
}

func Mismatch() {
	Mark() // want "call of Other"
}

func TooMany() {
	Mark() // want "call of Mark" "call of Mark"
}

// OkLiar says it is right, its want says it is not.
func OkLiar() {
	Mark() // want "call of Mark"
}

// BadSilent is said to hold a defect, and nothing is asked of it.
func BadSilent() {
	println("nothing marked here")
}
