package pep

import (
	"net"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// writeChunk is what a peer must accept within the write timeout.
const writeChunk = 64 << 10

// write writes out to a side, and what the machine has for it by then, until it has no more. r.mu is not held.
func (r *relay) write(side session.Side, out []byte) {
	for out != nil {
		err := r.send(r.legs[side].conn, out)
		r.mu.Lock()
		out = r.written(side, out, err)
		r.pump(nobody)
		r.mu.Unlock()
	}
}

// written notes that out was written, and returns what is to be written next; nil: nothing. r.mu is held.
func (r *relay) written(side session.Side, out []byte, err error) (next []byte) {
	l := &r.legs[side]
	if side == session.Client {
		r.stir()
	}
	if err != nil {
		l.writing, l.broken = false, true
		if side == session.Server && !l.eof && !r.sess.Closing(side) {
			r.server.tell(r.about.failed(upstreamWrite, err))
		}
		r.sess.EOF(side, err)
		// A client that had closed its own side before does not listen any more either.
		r.sess.Abort("writing to the "+side.String()+" failed", "[UNAVAILABLE] server unreachable", err)
		return nil
	}
	if next = r.sess.Take(side, out); next == nil {
		l.writing, l.spare = false, out
	}
	// There is room again: the machine may go on with what it holds of the other side.
	r.sess.Feed(side.Other(), nil)
	return next
}

// send writes out in chunks, each with its deadline.
func (r *relay) send(conn net.Conn, out []byte) error {
	for len(out) > 0 {
		chunk := out[:min(len(out), writeChunk)]
		if err := conn.SetWriteDeadline(time.Now().Add(r.server.opt.Timeouts.Write)); err != nil {
			return err
		}
		if _, err := conn.Write(chunk); err != nil {
			return err
		}
		out = out[len(chunk):]
	}
	return nil
}
