package kit

const (
	errSKU Error = "SKU_ID must be 1 to 128 bytes without spaces and control characters"
	skuMax       = 128
)

// SKU is the run's SKU_ID.
func (c *Context) SKU() (string, error) {
	sku := c.Env("SKU_ID")
	if sku == "" || len(sku) > skuMax {
		return "", errSKU
	}
	for i := 0; i < len(sku); i++ {
		if sku[i] <= ' ' || sku[i] == 0x7F {
			return "", errSKU
		}
	}
	return sku, nil
}

// QueryEscape is text as the value of a parameter in the query of a path.
func QueryEscape(text string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if alphanumeric || c == '-' || c == '_' || c == '.' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
