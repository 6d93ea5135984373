package checks

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// buildStage does what the Dockerfile's build stage does, in a fresh clone of HEAD: each RUN, with the folder of COPY . . as its own.
func buildStage(t *testing.T, stages map[string]instructions.Stage) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "src")
	if out, err := output("git", "clone", "-q", "--no-hardlinks", root, dir); err != nil {
		t.Fatal(err, out)
	}
	runs := 0
	for _, c := range stages["build"].Commands {
		r, ok := c.(*instructions.RunCommand)
		if !ok {
			continue
		}
		runs++
		if !r.PrependShell {
			t.Fatalf("RUN %q has no shell", r.CmdLine)
		}
		cmd := exec.Command("/bin/sh", "-c", strings.Join(r.CmdLine, " "))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", r.CmdLine, err, out)
		}
	}
	if runs < 3 {
		t.Fatalf("%d RUN in the build stage", runs)
	}
	return dir
}

// host is a machine for the services of a compose file: name spaces of mounts, processes and network of their own, in which each
// service has its image as its root, read-only, and its volumes. The shell script is what an engine would do.
type host struct {
	t      *testing.T
	dir    string
	script strings.Builder
	// volumes are the folders of named volumes.
	volumes map[string]string
	pid     string
}

// volume is the folder of a named volume. As an engine has it, its owner is that of the folder that the first image with it has there.
func (h *host) volume(name, owner string) string {
	if dir, ok := h.volumes[name]; ok {
		return dir
	}
	dir := filepath.Join(h.dir, "volume-"+name)
	h.must(os.Mkdir(dir, 0o755))
	h.chown(dir, owner)
	h.volumes[name] = dir
	return dir
}

func (h *host) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) chown(name, owner string) {
	h.t.Helper()
	if owner != "" {
		_, err := output("chown", owner, name)
		h.must(err)
	}
}

// unpack lays out an image of scratch.
func (h *host) unpack(name string, i image, build string) (dir string) {
	h.t.Helper()
	dir = filepath.Join(h.dir, name)
	for path, c := range i.copies {
		from := filepath.Join(build, strings.TrimPrefix(c.from, "/src"))
		if !strings.HasPrefix(c.from, "/src/") {
			from = c.from // the base image's, which is a Debian as this one is
		}
		to := filepath.Join(dir, path)
		h.must(os.MkdirAll(filepath.Dir(to), 0o755))
		_, err := output("cp", "-a", from, to)
		h.must(err)
		h.chown(to, c.owner)
	}
	for _, mount := range []string{"proc", "etc"} {
		h.must(os.MkdirAll(filepath.Join(dir, mount), 0o755))
	}
	return dir
}

// service has the script start a service.
func (h *host) service(s types.ServiceConfig, i image, build string) {
	h.t.Helper()
	dir := h.unpack(s.Name, i, build)
	fmt.Fprintf(&h.script, "mount --bind %[1]s %[1]s\nmount -t proc proc %[1]s/proc\n", dir)
	for _, v := range s.Volumes {
		source := v.Source
		if v.Type == types.VolumeTypeVolume {
			source = h.volume(v.Source, i.copies[v.Target].owner)
		}
		h.must(os.MkdirAll(dir+v.Target, 0o755))
		fmt.Fprintf(&h.script, "mount --bind %s %s%s\n", source, dir, v.Target)
		if v.ReadOnly {
			fmt.Fprintf(&h.script, "mount -o remount,bind,ro %s%s\n", dir, v.Target)
		}
	}
	h.must(os.WriteFile(dir+"/etc/hosts", []byte("127.0.0.1 localhost dataplane decider sink dovecot\n"), 0o644))
	if s.ReadOnly {
		fmt.Fprintf(&h.script, "mount -o remount,bind,ro %s\n", dir)
	}
	fmt.Fprintf(&h.script, "setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+sys_chroot chroot --userspec=%s %s %s >%s.out 2>%s.err &\n",
		i.user, dir, strings.Join(i.start, " "), dir, dir)
}

// start runs the script until the test ends.
func (h *host) start() {
	h.t.Helper()
	h.script.WriteString("echo started\nread -r _\n")
	cmd := exec.Command("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-euc", "ip link set lo up\n"+h.script.String())
	stdin, err := cmd.StdinPipe()
	h.must(err)
	stdout, err := cmd.StdoutPipe()
	h.must(err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	h.must(cmd.Start())
	h.t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	started := make([]byte, len("started\n"))
	if _, err := stdout.Read(started); err != nil {
		_ = cmd.Wait()
		h.t.Fatalf("%v: %s\n%s", err, stderr.String(), h.script.String())
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	h.must(err)
	h.pid = strings.TrimSpace(string(children))
}

// run runs a program in the host's network.
func (h *host) run(args ...string) (string, error) {
	return output("nsenter", append([]string{"--target", h.pid, "--net", "--"}, args...)...)
}

// logs are what the services wrote.
func (h *host) logs() string {
	var all strings.Builder
	for _, pattern := range []string{"*.out", "*.err"} {
		names, _ := filepath.Glob(filepath.Join(h.dir, pattern))
		for _, name := range names {
			text, _ := os.ReadFile(name)
			fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(name), text)
		}
	}
	return all.String()
}

// TestContainers: what the Dockerfile builds in a fresh clone runs as compose.yaml says, without an engine: each program as the image's
// user, with nothing but the image's files, which it cannot write; a mail client is refused by the policy, and the record is at the
// sink.
func TestContainers(t *testing.T) {
	if os.Getuid() != 0 {
		lack(t, "name spaces are made by root only")
	}
	for program, pkg := range map[string]string{"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "dovecot": "dovecot-imapd", "curl": "curl"} {
		need(t, pkg, program)
	}
	stages, project := dockerfile(t), compose(t)
	build := buildStage(t, stages)
	dir, err := os.MkdirTemp("", "gatepost-containers-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, dir: dir, volumes: map[string]string{}}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h.must(os.Chmod(dir, 0o755))

	// The certificate's own command, with this machine's Go.
	tls := h.volume("tls", "")
	for range 2 { // the second start finds it
		certificate := exec.Command(project.Services["certificate"].Command[0], project.Services["certificate"].Command[1:]...)
		certificate.Dir = tls
		if out, err := certificate.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// Debian's Dovecot, with the image's configuration; its volume is made as the image's folder is.
	conf, err := filepath.Abs(containersDir + "/dovecot/dovecot.conf")
	h.must(err)
	fmt.Fprintf(&h.script, "mount -t tmpfs tmpfs /run\nmount -t tmpfs tmpfs /var/mail\ninstall -d -o nobody -g nogroup /var/mail/demo\ndovecot -F -c %s >%s/dovecot.out 2>&1 &\n", conf, dir)
	for _, name := range []string{"sink", "decider", "dataplane"} {
		s := project.Services[name]
		h.service(s, imageOf(t, stages, s.Build.Target), build)
	}
	h.start()

	t.Cleanup(func() {
		if t.Failed() {
			t.Log(h.logs())
		}
	})
	wait(t, "the dataplane is not ready", func() bool {
		_, err := h.run("curl", "-sf", "http://localhost:9143/readyz")
		return err == nil
	})
	curl := func(args ...string) (string, error) {
		return h.run(append([]string{"curl", "-sv", "--max-time", "30", "--cacert", tls + "/tls.crt", "imaps://demo:demo@localhost:1993/"}, args...)...)
	}
	wait(t, "no mailbox through the proxy", func() bool {
		out, err := curl()
		return err == nil && strings.Contains(out, "Drafts")
	})
	if out, err := curl("-X", "DELETE Drafts"); err == nil || !strings.Contains(out, "NO [NOPERM] folders here are permanent") {
		t.Errorf("DELETE: %v\n%s", err, out)
	}
	wait(t, "no record of the refusal at the sink", func() bool {
		records, _ := os.ReadFile(filepath.Join(dir, "sink.out"))
		for record := range bytes.Lines(records) {
			if bytes.Contains(record, []byte(`"name":"DELETE"`)) && bytes.Contains(record, []byte("IMAP_REQ_REJECT")) {
				return true
			}
		}
		return false
	})
	// What compose.yaml promises of the images.
	socket, err := os.Stat(filepath.Join(h.volumes["sockets"], "decider.sock"))
	if err != nil || fmt.Sprint(socket.Sys().(*syscall.Stat_t).Uid) != "65532" {
		t.Errorf("the decider's socket is not its user's: %v, %v", socket, err)
	}
	for _, name := range []string{"dataplane", "decider", "sink"} {
		out, err := output("nsenter", "--target", h.pid, "--mount", "--", "sh", "-c", "echo x >"+filepath.Join(dir, name, "x"))
		if err == nil || !strings.Contains(out, "Read-only file system") {
			t.Errorf("%s: its root file system can be written: %v %s", name, err, out)
		}
	}
}
