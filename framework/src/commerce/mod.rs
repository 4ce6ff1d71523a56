//! The shop's domain: catalogue, cart, import. Knows nothing of HTML.
