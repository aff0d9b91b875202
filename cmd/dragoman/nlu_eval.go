package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"dragoman/internal/clock"
	"dragoman/nlu/evaluate"
)

// trial is what eval and confusion have in common.
type trial struct {
	Train    string  `required:"" placeholder:"FILE" help:"Examples to train on: intent<TAB>text, or intent<TAB>tokens<TAB>tags with --slots."`
	Test     string  `required:"" placeholder:"FILE" help:"Examples to try, in the same format; the label oos is text that no intent covers."`
	Slots    bool    `help:"Learn and measure the slots of BIO files too."`
	NoReject bool    `help:"Answer always, also where the text is probably out of scope."`
	Accept   float64 `placeholder:"P" help:"Accept from this probability of being in scope on, from 0 to 1. By default 97 %% of what is in scope is kept."`
}

// Validate implements kong's hook.
func (t *trial) Validate() error {
	if t.Accept < 0 || t.Accept > 1 {
		return errors.New("--accept is a probability from 0 to 1")
	}
	return nil
}

func (t *trial) run(i *invocation) (evaluate.Result, error) {
	e := evaluate.Trial{Slots: t.Slots, NoReject: t.NoReject, Accept: t.Accept, Clock: clock.System{}}
	var err error
	if e.Train, err = t.read(t.Train); err != nil {
		return evaluate.Result{}, err
	}
	if e.Test, err = t.read(t.Test); err != nil {
		return evaluate.Result{}, err
	}
	return e.Run(i.ctx)
}

func (t *trial) read(file string) ([]evaluate.Tagged, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if t.Slots {
		list, err := evaluate.ReadBIO(f)
		return list, inFile(file, err)
	}
	list, err := evaluate.ReadTSV(f)
	return evaluate.Untagged(list), inFile(file, err)
}

func inFile(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file, err)
}

type nluEvalCmd struct {
	trial
	JSON bool `name:"json" help:"Print one JSON object, with shares from 0 to 1."`
}

// Help is shown by dragoman nlu eval --help.
func (*nluEvalCmd) Help() string {
	return `It trains a model of its own on one file and tries it on the other; the bot and its phrases play no part. Lines with the
label oos are never trained on.

Examples:
  dragoman nlu eval --train train.tsv --test test.tsv
  dragoman nlu eval --train train.bio.tsv --test valid.bio.tsv --slots --no-reject --json`
}

// Run prints the measures.
func (c *nluEvalCmd) Run(i *invocation) error {
	r, err := c.run(i)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(i.std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r.Report)
	}
	return printReport(i.std.out, r)
}

func printReport(out io.Writer, r evaluate.Result) error {
	rep := r.Report
	share := func(x *float64) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.2f %%", 100**x)
	}
	number := func(x *float64) string { return fmt.Sprintf("%.2f", *x) }
	rows := [][2]string{
		{"examples", fmt.Sprint(rep.Examples)},
		{"intents", fmt.Sprint(rep.Intents)},
		{"accuracy", share(rep.Accuracy)},
		{"in-scope accuracy", share(rep.InScopeAccuracy)},
		{"out-of-scope recall", share(rep.OOSRecall)},
		{"out-of-scope precision", share(rep.OOSPrecision)},
		{"macro F1", share(rep.MacroF1)},
		{"MCC", share(rep.MCC)},
		{"slot F1", share(rep.SlotF1)},
		{"train seconds", number(rep.TrainSeconds)},
		{"microseconds per utterance", number(rep.USPerUtterance)},
		{"allocations per utterance", number(rep.AllocsPerUtterance)},
		{"model", fmt.Sprintf("%.1f MB", float64(r.Memory)/1e6)},
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(out, "%-27s %s\n", row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

type nluConfusionCmd struct {
	trial
	Top int    `default:"20" help:"How many pairs of intents to list."`
	PNG string `name:"png" placeholder:"FILE" help:"Also draw the whole table."`
}

// Help is shown by dragoman nlu confusion --help.
func (*nluConfusionCmd) Help() string {
	return `It trains and tries as dragoman nlu eval does.

Examples:
  dragoman nlu confusion --train train.tsv --test test.tsv
  dragoman nlu confusion --train train.tsv --test test.tsv --top 50 --png confusion.png`
}

// Run prints the pairs of intents that are taken for each other most often.
func (c *nluConfusionCmd) Run(i *invocation) error {
	r, err := c.run(i)
	if err != nil {
		return err
	}
	confusion := evaluate.NewConfusion(r.Predictions)
	pairs := confusion.Pairs(c.Top)
	err = table(i.std.out, "Nothing is taken for anything else.", "MEANT\tTAKEN FOR\tTIMES\tSHARE", len(pairs), func(n int) string {
		p := pairs[n]
		return fmt.Sprintf("%s\t%s\t%d\t%.1f %%", oneLine(p.Want, 60), oneLine(p.Got, 60), p.Count, 100*p.Share)
	})
	if err != nil || c.PNG == "" {
		return err
	}
	f, err := os.Create(c.PNG)
	if err != nil {
		return err
	}
	return errors.Join(confusion.WritePNG(f), f.Close())
}
