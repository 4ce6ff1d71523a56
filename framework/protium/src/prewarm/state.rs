//! What a running shop keeps for its prewarm.

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::sync::broadcast::Receiver;

use crate::config::Config;
use crate::prewarm::answers::{self, Answers, Lifetime};
use crate::prewarm::job::{History, Modules, VisitorRequests};
use protium_cache::Purge;

/// The parts of a shop that its prewarm needs, and what it did.
pub(crate) struct PrewarmState {
    pub answers: Answers,
    pub visitor_requests: VisitorRequests,
    pub modules: OnceCell<Modules>,
    /// Purges since the shop was opened, until [`Shop::keep_warm`](crate::Shop::keep_warm) takes
    /// them.
    pub purges: Mutex<Option<Receiver<Purge>>>,
    pub history: History,
}

impl PrewarmState {
    pub fn new(answers: Answers) -> PrewarmState {
        PrewarmState {
            purges: Mutex::new(Some(answers.cache().subscribe())),
            answers,
            visitor_requests: VisitorRequests::default(),
            modules: OnceCell::new(),
            history: History::default(),
        }
    }
}

/// How long answers live in the shop with this configuration.
pub(crate) fn lifetime(config: &Config) -> Lifetime {
    let own = std::env::var(answers::lifetime::TIME_TO_LIVE).ok();
    let own = own.as_deref().and_then(answers::lifetime::duration);
    config.prewarm.lifetime(own)
}

/// Whether there is something to prewarm with.
pub(crate) fn is_configured(config: &Config) -> bool {
    Modules::are_among(config.modules.keys())
}

/// The modules that the prewarm does not run: handlers ask them.
pub(crate) fn modules_of_handlers(config: &Config) -> impl Iterator<Item = &String> {
    let names = config.modules.keys();
    names.filter(|name| !Modules::NAMES.contains(&name.as_str()))
}

/// Says which modules the prewarm does not run.
pub(crate) fn log_modules_not_prewarmed(config: &Config) {
    for module in modules_of_handlers(config) {
        tracing::info!(
            module,
            "[modules.{module}] in protium.toml runs when a handler asks it: the prewarm runs {}",
            Modules::NAMES.join(" and ")
        );
    }
}
