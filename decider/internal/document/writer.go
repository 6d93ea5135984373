package document

// Writer takes a document, one value after the other. Within an object each has a name; within an array, and at the top, it has none,
// and name is nil. Whoever writes an object names each member once, in the order of the names' octets, which encoding/json has too.
type Writer interface {
	// BeginObject begins an object, which EndObject ends.
	BeginObject(name *Word)
	EndObject()
	// BeginArray begins an array, which EndArray ends.
	BeginArray(name *Word)
	EndArray()
	// String writes a string.
	String(name *Word, s string)
	// Bytes writes what a peer sent as a string. What of it is no UTF-8 becomes U+FFFD, one for each run.
	Bytes(name *Word, b []byte)
	// Word writes a word.
	Word(name, value *Word)
	// Uint writes a number.
	Uint(name *Word, n uint64)
	// Bool writes true or false.
	Bool(name *Word, v bool)
}

// Text writes a string, unless it is empty.
func Text(w Writer, name *Word, s string) {
	if s != "" {
		w.String(name, s)
	}
}

// Texts writes an array of strings, unless it is empty.
func Texts(w Writer, name *Word, list []string) {
	if len(list) == 0 {
		return
	}
	w.BeginArray(name)
	for _, s := range list {
		w.String(nil, s)
	}
	w.EndArray()
}
