package check

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// series is one element of an instant vector.
func series(part, labels, value string) string {
	return fmt.Sprintf(`{"metric":{"dragoman":%q%s},"value":[1795410313.781,%q]}`, part, labels, value)
}

func vector(elements ...string) string {
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(elements, ",") + `]}}`
}

const (
	web1 = `,"instance":"web1:9100","job":"node"`
	web2 = `,"instance":"web2:9100","job":"node"`
	name = `,"__name__":"up"`
)

func TestPrometheusAnswers(t *testing.T) {
	up := series("value", name+web1, "1")
	fresh := series("age", web1, "0.5")
	boot := time.Unix(1795404356, 0)
	for _, c := range []struct {
		name   string
		answer string
		state  State
		detail string
		since  time.Time
	}{
		{"up", vector(up, fresh, series("boot", web1, "1795404356")), Up, "", boot},
		{"up without a boot time", vector(up, fresh), Up, "", time.Time{}},
		{"another's boot time", vector(up, fresh, series("boot", web2, "1795404356")), Up, "", time.Time{}},
		{"two boot times", vector(up, fresh, series("boot", web1, "1"), series("boot", web1+`,"a":"b"`, "2")), Up, "", time.Time{}},
		{"a boot time in the future", vector(up, fresh, series("boot", web1, "95404356000")), Up, "", time.Time{}},
		{"a boot time that is none", vector(up, fresh, series("boot", web1, "NaN")), Up, "", time.Time{}},
		{"down", vector(series("value", name+web1, "0"), fresh), Down, "Prometheus cannot reach it", time.Time{}},
		{"nothing", vector(), Unknown, "Prometheus has no such target", time.Time{}},
		{"only a boot time", vector(series("boot", web1, "1")), Unknown, "Prometheus has no such target", time.Time{}},
		{"as old as may be", vector(up, series("age", web1, "60")), Up, "", time.Time{}},
		{"too old", vector(up, series("age", web1, "60.1")), Unknown, "Prometheus's last sample is too old: 1 minute", time.Time{}},
		{"from the future", vector(up, series("age", web1, "-61")), Unknown, "the age of Prometheus's last sample is not known", time.Time{}},
		{"no age", vector(up), Unknown, "the age of Prometheus's last sample is not known", time.Time{}},
		{"an age that is none", vector(up, series("age", web1, "+Inf")), Unknown, "the age of Prometheus's last sample is not known", time.Time{}},
		{"neither up nor down", vector(series("value", web1, "NaN"), fresh), Unknown, "Prometheus reports neither 0 nor 1", time.Time{}},
		{"an age without a value", vector(fresh), Unknown, "Prometheus reports neither 0 nor 1", time.Time{}},
		{"two that agree", vector(up, fresh, series("value", name+web2, "1"), series("age", web2, "1")), Unknown, "2 targets of Prometheus match; give instance and job so that one does", time.Time{}},
		{"an old and a fresh one", vector(up, fresh, series("value", name+web2, "0"), series("age", web2, "200")), Up, "", time.Time{}},
		{"a scalar", `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`, Unknown, "cannot ask Prometheus: what answers there is no Prometheus", time.Time{}},
		{"a number that is none", vector(series("value", web1, "hunter2")), Unknown, "cannot ask Prometheus: what answers there is no Prometheus", time.Time{}},
		{"an unknown part", vector(series("hunter2", web1, "1")), Unknown, "cannot ask Prometheus: what answers there is no Prometheus", time.Time{}},
		{"a login page", "<html>hunter2</html>", Unknown, "cannot ask Prometheus: what answers there is no Prometheus", time.Time{}},
		{"an error with 200", `{"status":"error","error":"hunter2"}`, Unknown, "cannot ask Prometheus: what answers there is no Prometheus", time.Time{}},
		{"too much", vector(up, strings.Repeat(" ", maxPromAnswer)), Unknown, "cannot ask Prometheus: its answer is too long", time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := server(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.answer) })
			r := run(t, Spec{Kind: "prometheus", Target: s.URL, Instance: "web1:9100"}, Deps{})
			expect(t, r, c.state, c.detail)
			if !r.Since.Equal(c.since) {
				t.Errorf("since %v, want %v", r.Since, c.since)
			}
		})
	}
}

func TestAPrometheusThatCannotBeAskedMakesUnknown(t *testing.T) {
	for code, want := range map[int]string{
		400: "it refuses the query", 401: "HTTP 401 Unauthorized", 404: "HTTP 404 Not Found", 422: "HTTP 422 Unprocessable Entity", 503: "HTTP 503 Service Unavailable",
	} {
		s := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		expect(t, run(t, Spec{Kind: "prometheus", Target: s.URL, Job: "node"}, Deps{}), Unknown, "cannot ask Prometheus: "+want)
	}
	target := "http://john:hunter2@" + closedPort(t)
	expect(t, run(t, Spec{Kind: "prometheus", Target: target, Job: "node"}, Deps{}), Unknown, "cannot ask Prometheus: connection refused")
	expect(t, run(t, Spec{Kind: "prometheus", Target: target, Job: "node", Timeout: 20 * time.Millisecond}, Deps{Dialer: failing(nil)}), Unknown, "cannot ask Prometheus: no answer in time")
	cut := raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{") })
	expect(t, run(t, Spec{Kind: "prometheus", Target: cut, Job: "node"}, Deps{}), Unknown, "cannot ask Prometheus: connection closed in the middle of the answer")
}

func TestPrometheusIsAskedForExactlyOneTarget(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Target: "?instance=web1:9100"}, `label_replace(up{instance="web1:9100"}, "dragoman", "value", "instance", ".*") or label_replace(time() - timestamp(up{instance="web1:9100"}), "dragoman", "age", "instance", ".*") or label_replace(node_boot_time_seconds{instance="web1:9100"} and (time() - timestamp(node_boot_time_seconds{instance="web1:9100"}) <= 60), "dragoman", "boot", "instance", ".*")`},
		{Spec{Instance: `a"} or vector(1) #`, Job: `b\`}, `up{instance="a\"} or vector(1) #",job="b\\"}`},
		{Spec{Query: `probe_success{instance="x"}`}, `label_replace(probe_success{instance="x"}, "dragoman", "value", "instance", ".*") or label_replace(time() - timestamp(probe_success{instance="x"}), "dragoman", "age", "instance", ".*")`},
	} {
		var path, query, auth string
		s := server(t, func(w http.ResponseWriter, r *http.Request) {
			path, query = r.URL.Path, r.URL.Query().Get("query")
			_, auth, _ = r.BasicAuth()
			io.WriteString(w, vector(series("value", web1, "0"), series("age", web1, "1")))
		})
		c.spec.Kind, c.spec.Target = "prometheus", strings.Replace(s.URL, "://", "://john:hunter2@", 1)+"/prom/"+c.spec.Target
		want := "Prometheus cannot reach it"
		if c.spec.Query != "" {
			want = "Prometheus reports 0"
		}
		expect(t, run(t, c.spec, Deps{}), Down, want)
		if path != "/prom/api/v1/query" || !strings.Contains(query, c.want) || auth != "hunter2" {
			t.Errorf("asked %s for\n%s\nwant\n%s", path, query, c.want)
		}
	}
}

// FuzzParseAnswer holds that whatever a server sends is either refused or
// judged, and that only a 1 with a fresh age makes Up.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(vector(series("value", web1, "1"), series("age", web1, "1"), series("boot", web1, "5"))))
	f.Add([]byte(vector()))
	f.Add([]byte(`{"status":"success","data":{"resultType":"vector","result":[{"metric":null,"value":[1,"1"]}]}}`))
	p := &prometheus{stale: time.Minute, deps: Deps{Clock: clock.System{}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		targets, ok := parseAnswer(body)
		if !ok {
			return
		}
		if r := p.judge(targets); r.State == Up && (!strings.Contains(string(body), "1") || len(targets.series) == 0) {
			t.Errorf("up from %s", body)
		}
	})
}

// daemon starts a program that says in its log on which port it listens, and
// ends it with the test.
func daemon(t *testing.T, path string, args ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd = exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	listening := regexp.MustCompile(`address=(127\.0\.0\.1:[1-9]\d*)`)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(log)
		if m := listening.FindSubmatch(text); m != nil {
			return cmd, string(m[1])
		}
	}
	text, _ := os.ReadFile(log)
	t.Fatalf("%s did not start: %s", path, text)
	return nil, ""
}

// eventually runs a check until it gives the state. Prometheus hands targets on
// in ticks of five seconds and offers no event to wait for.
func eventually(t *testing.T, c Check, want State) Result {
	t.Helper()
	var r Result
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if r = c.Check(t.Context()); r.State == want {
			return r
		}
	}
	t.Fatalf("got %v (%s), want %v", r.State, r.Detail, want)
	return r
}

func TestARealPrometheusWithARealNodeExporter(t *testing.T) {
	if testing.Short() {
		t.Skip("takes about ten seconds")
	}
	exporter, err := exec.LookPath("prometheus-node-exporter")
	if err != nil {
		t.Skip("prometheus-node-exporter is not installed")
	}
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is not installed")
	}
	node, instance := daemon(t, exporter, "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults", "--collector.stat")
	dir := t.TempDir()
	targets, config := filepath.Join(dir, "targets.json"), filepath.Join(dir, "prometheus.yml")
	write(t, targets, fmt.Sprintf(`[{"targets":[%q]}]`, instance))
	write(t, config, fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 900ms}
scrape_configs:
- job_name: node
  file_sd_configs: [{files: [%q], refresh_interval: 1s}]
`, targets))
	_, address := daemon(t, program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address=127.0.0.1:0", "--web.external-url=http://127.0.0.1/")

	make := func(spec Spec) Check {
		spec.Kind, spec.Target = "prometheus", "http://"+address
		c, err := New(spec, Deps{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := make(Spec{Instance: instance, Job: "node"})
	if r := c.Check(t.Context()); r.State == Up || r.State == Down {
		t.Errorf("before the first scrape: %v (%s)", r.State, r.Detail)
	}
	r := eventually(t, c, Up)
	local := run(t, Spec{Kind: "local"}, Deps{})
	if off := r.Since.Sub(local.Since).Abs(); off > 2*time.Second {
		t.Errorf("since %v, but this machine runs since %v", r.Since, local.Since)
	}
	expect(t, make(Spec{Query: `up{job="node"}`}).Check(t.Context()), Up, "")
	expect(t, make(Spec{Instance: "other:9100"}).Check(t.Context()), Unknown, "Prometheus has no such target")
	if r := make(Spec{Job: "node", Stale: time.Nanosecond}).Check(t.Context()); r.State != Unknown || !strings.HasPrefix(r.Detail, "Prometheus's last sample is too old") {
		t.Errorf("with a limit that no sample meets: %v (%s)", r.State, r.Detail)
	}
	node.Process.Kill()
	expect(t, eventually(t, c, Down), Down, "Prometheus cannot reach it")
	write(t, targets, `[]`)
	expect(t, eventually(t, c, Unknown), Unknown, "Prometheus has no such target")
}

// write replaces a file at once, for a reader that may come in between.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
