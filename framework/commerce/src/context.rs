//! What a request tells the providers about itself, and what they tell its page in return.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pricing::CartRules;
use protium_types::{Currency, Recorder};

/// Time a request has when nobody sets a deadline.
pub const DEFAULT_TIME: Duration = Duration::from_secs(5);

/// The request a provider is asked for. Cheap to clone; clones share the recorder.
#[derive(Debug, Clone)]
pub struct Context {
    /// BCP 47 tag of the visitor's language, such as `en` or `de-AT`.
    pub locale: Arc<str>,
    /// The currency prices are asked in.
    pub currency: Currency,
    /// The price list whose prices are asked for; `None`: the shop's default one. It is kept in
    /// [`currency`](Self::currency), else providers answer with
    /// [`ProviderError::Invalid`](super::ProviderError::Invalid).
    pub price_list: Option<Arc<str>>,
    /// What the shop has registered about carts: attributes of lines, and rules of prices.
    pub cart_rules: CartRules,
    /// ISO 3166 code of the visitor's region, where it is known.
    pub region: Option<Arc<str>>,
    /// When the answer is of no use any more: providers give up with
    /// [`ProviderError::Busy`](super::ProviderError::Busy) instead of waiting longer.
    pub deadline: Instant,
    /// Where providers note what their answers depend on.
    pub recorder: Recorder,
}

impl Context {
    /// A context of no region, with [`DEFAULT_TIME`] to answer and an empty recorder.
    pub fn new(locale: &str, currency: Currency) -> Self {
        Self {
            locale: locale.into(),
            currency,
            price_list: None,
            cart_rules: CartRules::default(),
            region: None,
            deadline: Instant::now() + DEFAULT_TIME,
            recorder: Recorder::default(),
        }
    }

    /// The same context with another deadline.
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same context with another price list, and the currency of its prices.
    pub fn with_price_list(mut self, name: &str, currency: Currency) -> Self {
        self.price_list = Some(name.into());
        self.currency = currency;
        self
    }
}
