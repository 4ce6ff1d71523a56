package uitest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Messages are used in pages whose context has none: JSON by key, for example from ReadMessages.
var Messages = "{}"

// ReadMessages reads message files, such as messages/en.json of a shop. Later files override
// earlier ones.
func ReadMessages(files ...string) (string, error) {
	flat := map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &tree); err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		flatten(flat, "", tree)
	}
	text, err := json.Marshal(flat)
	return string(text), err
}

// flatten gives each message its key: the names of the records around it and its own, joined by
// dots. A record with an "other" holds the plural forms of one message.
func flatten(into map[string]any, prefix string, tree map[string]any) {
	for name, v := range tree {
		inner, isTree := v.(map[string]any)
		if _, isForms := inner["other"].(string); isTree && !isForms {
			flatten(into, prefix+name+".", inner)
		} else {
			into[prefix+name] = v
		}
	}
}

func (s *Setup) addMessages() {
	if Messages != "{}" && !strings.Contains(s.Ctx, `"messages"`) {
		s.Ctx = `{"messages":` + Messages + "," + strings.TrimLeft(s.Ctx, " \n\t")[1:]
	}
}
