package wire_test

import (
	"fmt"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// A command with a literal comes in two reads. The literal's octets are part of the command, and no line.
func Example() {
	framer := wire.Framer{MaxLine: 8192}
	scanner := wire.Scanner{}
	var command []byte
	for _, read := range []string{"a1 LOGIN {4+}\r\nde", "mo \"open sesame\"\r\n"} {
		framer.Write([]byte(read))
	}

	line, _, _ := framer.Line()
	command = append(command, line...)
	header, _, ok, _ := wire.ParseLiteralHeader(line)
	fmt.Println(ok, header.Size, header.NonSync)

	command = append(command, "\r\n"...)
	command = append(command, framer.Take(header.Size)...)
	line, _, _ = framer.Line()
	command = append(command, line...)

	scanned, err := scanner.Command(command)
	fmt.Println(string(command[scanned.Name.Start:scanned.Name.End]), err)
	for _, token := range scanned.Tokens {
		fmt.Println(string(wire.Text(command, token, nil)))
	}
	fmt.Printf("%q\n", wire.Append(nil, command, scanned.Tokens))
	// Output:
	// true 4 true
	// LOGIN <nil>
	// demo
	// open sesame
	// "{4}\r\ndemo \"open sesame\""
}
