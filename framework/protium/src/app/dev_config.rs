//! Development: the configuration of a shop that runs follows protium.toml.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use serde_json::Value;

use crate::app::Shop;
use crate::app::shop::Inner;
use crate::app::supervisor::{FromShop, Supervisor};
use crate::config::{Config, ConfigError, FILE};
use crate::release::dev_error::{self, DevError};
use crate::release::sources::Sources;
use crate::release::stamp::Stamp;
use crate::release::watcher::Watcher;

/// What only releases are made from: the next one has the new values.
const OF_RELEASES: [&str; 2] = ["theme", "csp"];

/// Reads the configuration again, as this process did when it started.
pub(crate) type ReadConfig = Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

/// Watches protium.toml for as long as the shop is open.
pub(crate) fn watch(shop: &Shop, read: ReadConfig, supervisor: Option<Arc<Supervisor>>) {
    tokio::spawn(follow(Arc::downgrade(&shop.0), read, supervisor));
}

async fn follow(shop: Weak<Inner>, read: ReadConfig, supervisor: Option<Arc<Supervisor>>) {
    let Some(root) = shop.upgrade().map(|shop| shop.root.clone()) else {
        return;
    };
    let watcher = Watcher::shallow(vec![root.clone()]);
    let stamp = || Stamp::of([root.join(FILE)]);
    let mut seen = stamp();
    loop {
        watcher.changed().await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        let now = stamp();
        let is_same = now.is_as(&seen);
        seen = now;
        if !is_same {
            shop.follow_config(read(), supervisor.as_deref()).await;
        }
    }
}

impl Shop {
    async fn follow_config(
        &self,
        read: Result<Config, ConfigError>,
        supervisor: Option<&Supervisor>,
    ) {
        let Some(watched) = &self.0.watched else {
            return;
        };
        let sources = self.sources();
        let mut notices = Vec::new();
        match read {
            Ok(config) => {
                let restart = self.keys_for_a_restart(&config);
                // A process that could not start may start now.
                let failed = !watched.notices.read().program.is_empty();
                match supervisor {
                    Some(supervisor) if failed || !restart.is_empty() => {
                        supervisor.tell(&FromShop::Restart);
                    }
                    Some(_) => {}
                    None if restart.is_empty() => {}
                    None => {
                        let keys = restart.join(", ");
                        tracing::warn!(keys, "protium.toml: this takes effect at the next start");
                        notices.push(dev_error::of_restart(&self.0.root, &restart));
                    }
                }
                watched.notices.write().config = notices;
                let differing = differing(&config, &sources.config);
                if OF_RELEASES.iter().any(|key| differing.contains(*key)) {
                    let config = Arc::new(Config {
                        theme: config.theme,
                        csp: config.csp,
                        ..(*sources.config).clone()
                    });
                    let sources = Sources {
                        config,
                        ..(*sources).clone()
                    };
                    self.replace_sources(sources).await;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the configuration cannot be used: the last one stays");
                notices.push(dev_error::of_config(&self.0.root, &error));
                watched.notices.write().config = notices;
            }
        }
        self.tell_pages(watched);
    }

    /// The tables and keys whose new values need a new process.
    fn keys_for_a_restart(&self, config: &Config) -> Vec<String> {
        let differing = differing(config, self.config()).into_iter();
        let needs = differing.filter(|key| !OF_RELEASES.contains(&key.as_str()));
        needs.collect()
    }

    /// Shows pages that are open what is wrong with the shop's program.
    pub(crate) fn show_program_errors(&self, errors: Vec<DevError>) {
        if let Some(watched) = &self.0.watched {
            watched.notices.write().program = errors;
            self.tell_pages(watched);
        }
    }
}

/// The tables, and keys outside of any, that are not the same in both.
fn differing(one: &Config, other: &Config) -> BTreeSet<String> {
    let of = |config: &Config| match serde_json::to_value(config) {
        Ok(Value::Object(entries)) => entries,
        _ => serde_json::Map::new(),
    };
    let (one, other) = (of(one), of(other));
    let keys = one.keys().chain(other.keys());
    let keys = keys.filter(|key| one.get(*key) != other.get(*key));
    keys.cloned().collect()
}
