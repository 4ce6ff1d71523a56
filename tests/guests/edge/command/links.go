package main

import (
	"fmt"
	"os"
	"strings"
)

func init() { operations["links"] = links }

// links makes and moves links, and says for each whether it was let.
func links() (string, error) {
	var said []string
	try := func(name string, err error) {
		said = append(said, fmt.Sprintf("%s: %v", name, err == nil))
	}
	try("absolute", os.Symlink("/etc/passwd", "/data/absolute"))
	try("up", os.Symlink("../secret.txt", "/data/up"))
	try("over", os.Symlink("deep/../../secret.txt", "/data/over"))
	try("deep", os.Symlink("../../secret.txt", "/data/deep/out"))
	try("inside", os.Symlink("list.txt", "/data/inside"))
	try("moved", os.Rename("/data/deep/link", "/data/moved"))
	try("hard", os.Link("/data/deep/link", "/data/hard"))
	try("folder", os.Rename("/data/deep/folder", "/data/folder"))
	try("file", os.Rename("/data/deep/file.txt", "/data/file.txt"))
	try("renamed", os.Rename("/data/deep/link", "/data/deep/renamed"))
	try("renamed folder", os.Rename("/data/deep/folder", "/data/deep/other"))
	return strings.Join(said, "\n"), nil
}
