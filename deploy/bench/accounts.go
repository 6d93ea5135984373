package main

import (
	"encoding/json"
	"fmt"
)

// accounts is the data of the policy by account: n accounts, and what each may not.
func accounts(n int) []byte {
	all := map[string]any{}
	for i := range n {
		all[fmt.Sprintf("user%d", i)] = map[string]any{"denied": []string{"DELETE", "RENAME"}}
	}
	b, err := json.Marshal(map[string]any{"accounts": all})
	if err != nil {
		panic(err)
	}
	return b
}
