// Package main is a plain program: SKU_ID says what it tries, and it prints what came of it.
package main

import (
	"crypto/rand"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	what := os.Getenv("SKU_ID")
	try, ok := operations[what]
	if !ok {
		fmt.Printf(`{"sku":%q,"stock":1,"price":2,"currency":"EUR","ts":3}`, what)
		return
	}
	result, err := try()
	if err != nil {
		fmt.Print("error: ", err)
		return
	}
	fmt.Print(result)
}

var operations = map[string]func() (string, error){
	"os.Getenv": func() (string, error) {
		return os.Getenv("EDGE_REGION") + "," + os.Getenv("API_TOKEN") + "," + os.Getenv("HOME"), nil
	},
	"os.Environ": func() (string, error) { return fmt.Sprint(len(os.Environ())), nil },
	"os.Args":    func() (string, error) { return fmt.Sprint(len(os.Args)), nil },
	"io.ReadAll stdin": func() (string, error) {
		b, err := io.ReadAll(os.Stdin)
		return fmt.Sprint(len(b)), err
	},
	"os.ReadFile": func() (string, error) {
		b, err := os.ReadFile("/data/list.txt")
		return string(b), err
	},
	"os.ReadFile ..": func() (string, error) {
		b, err := os.ReadFile("/data/../secret.txt")
		return string(b), err
	},
	"os.ReadFile link": func() (string, error) {
		b, err := os.ReadFile("/data/link.txt")
		return string(b), err
	},
	"os.ReadFile /etc/passwd": func() (string, error) {
		b, err := os.ReadFile("/etc/passwd")
		return fmt.Sprint(len(b) > 0), err
	},
	"os.WriteFile": func() (string, error) {
		return "written", os.WriteFile("/data/new.txt", []byte("new"), 0o600)
	},
	"os.Remove": func() (string, error) { return "removed", os.Remove("/data/new.txt") },
	"os.ReadDir": func() (string, error) {
		entries, err := os.ReadDir("/data")
		var names []string
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return strings.Join(names, " "), err
	},
	"os.ReadDir /": func() (string, error) {
		entries, err := os.ReadDir("/")
		return fmt.Sprint(len(entries)), err
	},
	"os.Open without end": func() (string, error) {
		var files []*os.File
		for {
			f, err := os.Open("/data/list.txt")
			if err != nil {
				return fmt.Sprint(len(files)), err
			}
			files = append(files, f)
		}
	},
	"os.Getwd":      os.Getwd,
	"os.CreateTemp": func() (string, error) { f, err := os.CreateTemp("", "x"); return name(f), err },
	"filepath.Walk": func() (string, error) {
		return "walked", filepath.Walk("/", func(_ string, _ os.FileInfo, err error) error { return err })
	},
	"net.Dial": func() (string, error) {
		conn, err := net.DialTimeout("tcp", os.Getenv("EDGE_REDIS_ADDR"), time.Second)
		return fmt.Sprint(conn != nil), err
	},
	"net.Listen": func() (string, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		go func() {
			if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
				conn.Write([]byte("inside"))
				conn.Close()
			}
		}()
		conn, err := l.Accept()
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(conn)
		return string(b), err
	},
	"net.LookupHost": func() (string, error) {
		hosts, err := net.LookupHost("example.com")
		return fmt.Sprint(hosts), err
	},
	"time.Now": func() (string, error) { return fmt.Sprint(time.Now().UTC().Year()), nil },
	"time.Since": func() (string, error) {
		start := time.Now()
		time.Sleep(20 * time.Millisecond)
		return fmt.Sprint(time.Since(start) >= 15*time.Millisecond), nil
	},
	"time.Sleep": func() (string, error) { time.Sleep(time.Hour); return "slept", nil },
	"time.LoadLocation": func() (string, error) {
		l, err := time.LoadLocation("Europe/Berlin")
		return fmt.Sprint(l), err
	},
	"crypto/rand.Read": func() (string, error) {
		b := make([]byte, 8)
		n, err := rand.Read(b)
		return fmt.Sprint(n), err
	},
	"math/rand": func() (string, error) { return fmt.Sprint(mathrand.N(10) < 10), nil },
	"go": func() (string, error) {
		var wait sync.WaitGroup
		var lock sync.Mutex
		sum := 0
		for i := range 100 {
			wait.Go(func() { lock.Lock(); sum += i; lock.Unlock() })
		}
		wait.Wait()
		return fmt.Sprint(sum), nil
	},
	"go without end": func() (string, error) {
		for {
			go func() { select {} }()
		}
	},
	"deadlock": func() (string, error) { select {} },
	"exec.Command": func() (string, error) {
		b, err := exec.Command("/bin/sh", "-c", "id").Output()
		return string(b), err
	},
	"os.StartProcess": func() (string, error) {
		_, err := os.StartProcess("/bin/sh", []string{"sh"}, &os.ProcAttr{})
		return "started", err
	},
	"syscall.Kill": func() (string, error) { return "killed", syscall.Kill(1, syscall.SIGTERM) },
	"signal.Notify": func() (string, error) {
		signal.Notify(make(chan os.Signal, 1))
		return "waits", nil
	},
	"os.Getpid":   func() (string, error) { return fmt.Sprint(os.Getpid()), nil },
	"os.Hostname": os.Hostname,
	"os.Getuid":   func() (string, error) { return fmt.Sprint(os.Getuid()), nil },
	"user.Current": func() (string, error) {
		u, err := user.Current()
		if err != nil {
			return "", err
		}
		return u.Username, nil
	},
	"os.Exit": func() (string, error) {
		fmt.Fprintln(os.Stderr, "no stock today")
		os.Exit(3)
		return "", nil
	},
	"panic": func() (string, error) { panic("of this test") },
	"loop": func() (string, error) {
		for n := uint32(1); n != 0; {
			n += 2
		}
		return "", nil
	},
	"allocate": func() (string, error) {
		var keep [][]byte
		for {
			keep = append(keep, make([]byte, 1<<20))
		}
	},
	"recurse": func() (string, error) { return fmt.Sprint(recurse(1)), nil },
	"flood": func() (string, error) {
		line := []byte(strings.Repeat("x", 1024))
		for {
			if _, err := os.Stdout.Write(line); err != nil {
				os.Exit(0)
			}
		}
	},
	"flood stderr": func() (string, error) {
		for range 1000 {
			fmt.Fprintln(os.Stderr, strings.Repeat("x", 1024))
		}
		return "fine", nil
	},
}

func name(f *os.File) string {
	if f == nil {
		return ""
	}
	return f.Name()
}

var depth uint64

func recurse(n uint64) uint64 {
	depth++
	if depth == 0 {
		return n
	}
	return recurse(n+depth)*n + 1
}
