package pdp

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// arguments gives tokens the seed's nested form. secret are the indexes of tokens that must not leave the dataplane.
func arguments(raw []byte, tokens []wire.Token, secret []int) []*deciderv1.Argument {
	a := argumenter{raw: raw, tokens: tokens, secret: secret}
	return a.items(0, uint32(len(tokens)))
}

type argumenter struct {
	raw    []byte
	tokens []wire.Token
	secret []int
}

// items are the arguments of the siblings from token i up to, but not including, token end.
func (a *argumenter) items(i, end uint32) []*deciderv1.Argument {
	var out []*deciderv1.Argument
	for ; i < end; i = a.tokens[i].Next {
		out = append(out, a.item(i))
	}
	return out
}

func (a *argumenter) item(i uint32) *deciderv1.Argument {
	t := a.tokens[i]
	if slices.Contains(a.secret, int(i)) {
		return &deciderv1.Argument{Value: &deciderv1.Argument_Secret{Secret: &deciderv1.Secret{}}}
	}
	switch t.Kind {
	case wire.List:
		return list(deciderv1.ListKind_LIST_KIND_PARENTHESES, a.items(i+1, t.Next))
	case wire.Section:
		return list(deciderv1.ListKind_LIST_KIND_BRACKETS, a.items(i+1, t.Next))
	case wire.Literal:
		l := literal(t.Header)
		if !t.Pending {
			l.Text = a.raw[t.Start:t.End:t.End]
			if l.Text == nil {
				l.Text = []byte{}
			}
		}
		return &deciderv1.Argument{Value: &deciderv1.Argument_Literal{Literal: l}}
	case wire.Atom:
		return atom(a.raw[t.Start:t.End:t.End])
	}
	return &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: wire.Text(a.raw, t, nil)}}
}

// atom is a number, a range, a comma list of these, or text.
func atom(b []byte) *deciderv1.Argument {
	switch wire.ClassifyAtom(b) {
	case wire.ClassNumber:
		return numberOf(b)
	case wire.ClassRange:
		return rangeOf(b)
	case wire.ClassComma:
		var items []*deciderv1.Argument
		for part := range bytes.SplitSeq(b, []byte{','}) {
			if bytes.IndexByte(part, ':') >= 0 {
				items = append(items, rangeOf(part))
			} else {
				items = append(items, numberOf(part))
			}
		}
		return list(deciderv1.ListKind_LIST_KIND_COMMA, items)
	}
	return &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: b}}
}

func numberOf(b []byte) *deciderv1.Argument {
	n, _ := strconv.ParseUint(string(b), 10, 64)
	return number(n, b)
}

// number is a number as it was spelled; nil: canonically.
func number(n uint64, spelling []byte) *deciderv1.Argument {
	if spelling == nil {
		spelling = strconv.AppendUint(nil, n, 10)
	}
	return &deciderv1.Argument{Value: &deciderv1.Argument_Number{Number: &deciderv1.Number{Value: n, Spelling: spelling}}}
}

func rangeOf(b []byte) *deciderv1.Argument {
	first, last, _ := bytes.Cut(b, []byte{':'})
	from, _ := strconv.ParseUint(string(first), 10, 64)
	to, _ := strconv.ParseUint(string(last), 10, 64)
	return &deciderv1.Argument{Value: &deciderv1.Argument_Range{Range: &deciderv1.Range{First: from, Last: to}}}
}

func list(kind deciderv1.ListKind, items []*deciderv1.Argument) *deciderv1.Argument {
	return &deciderv1.Argument{Value: &deciderv1.Argument_List{List: &deciderv1.List{Kind: kind, Items: items}}}
}

func literal(h wire.LiteralHeader) *deciderv1.Literal {
	return &deciderv1.Literal{Size: h.Size, NonSync: h.NonSync, Literal8: h.Binary}
}
