package bot

import (
	"context"

	"dragoman/nlu/rules"
)

// Lint reports what in the phrases of the skills, the configuration and the
// lessons contradicts itself. The bot must have learned. It takes a few seconds
// of the processor's time.
func (b *Bot) Lint(ctx context.Context) ([]string, error) {
	u := b.understood.Load()
	g := u.grammar
	var out []string
	for _, f := range rules.Lint(g.commands) {
		out = append(out, f.String())
	}
	if u.learned != nil {
		found, err := u.learned.Lint(g.commands, nil)
		if err != nil {
			return nil, err
		}
		confused, err := u.learned.Confused(ctx, g.commands, g.against)
		if err != nil {
			return nil, err
		}
		for _, f := range append(found, confused...) {
			out = append(out, f.String())
		}
	}
	lessons, err := b.readLessons(ctx)
	if err != nil {
		return nil, err
	}
	for _, err := range b.examine(lessons) {
		out = append(out, err.Error())
	}
	return out, nil
}
