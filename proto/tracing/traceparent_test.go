package tracing

import "testing"

// A traceparent is read as it was written, and what is none names no span (W3C Trace Context, section 3.2.2).
func TestTraceparent(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for text, want := range map[string]string{
		good: good,
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
		"": "", "00": "", "00---": "", good + "-x": "", "01" + good[2:]: "", good[:len(good)-1]: "", good + " ": "",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01": "",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01": "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01": "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz": "",
	} {
		if got := Traceparent(Parse(text)); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	if !Parse(good).IsRemote() {
		t.Error("it is not of another process")
	}
}
