package a

import "testing"

func TestA(*testing.T) {
	Mark() // want "call of Mark"
}
