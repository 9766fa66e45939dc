package main

import (
	"encoding/json"
	"io"
	"os"
	"sync"
)

type fields map[string]interface{}

// logger writes one JSON object a line; the host keeps what a plugin writes to stderr.
type logger struct {
	mu  sync.Mutex
	out io.Writer
}

func newLogger() *logger { return &logger{out: os.Stderr} }

func (l *logger) info(message string, extra fields)    { l.write("info", message, extra) }
func (l *logger) warning(message string, extra fields) { l.write("warning", message, extra) }

func (l *logger) write(level, message string, extra fields) {
	line := fields{"level": level, "msg": message}
	for name, value := range extra {
		line[name] = value
	}
	encoded, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.Write(append(encoded, '\n'))
}
