//! The backends of a module: their addresses by region, and their circuit breakers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::{Client, Url};
use serde::Serialize;

use super::breaker::{Breaker, BreakerState};
use crate::capabilities::error::InvalidBackend;
use crate::capabilities::grants::BackendGrant;
use crate::outbound;

/// The timeout of connecting to a backend.
const CONNECT: Duration = Duration::from_secs(2);
/// Idle connections that are kept per backend.
const IDLE: usize = 32;

/// A backend's state for operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackendStatus {
    /// The module that calls it.
    pub module: String,
    /// Its name.
    pub backend: String,
    /// The region of the calls.
    pub region: String,
    /// The state of its circuit breaker.
    pub state: BreakerState,
}

/// The HTTP client, shared by all modules.
pub(crate) fn client() -> reqwest::Result<Client> {
    outbound::client()
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(IDLE)
        .user_agent(concat!("protium/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The backends of one module.
pub(crate) struct Backends {
    /// Set if there are backends.
    pub(super) client: Option<Client>,
    pub(super) by_name: BTreeMap<String, Arc<Backend>>,
}

impl Backends {
    pub fn new(
        grants: &BTreeMap<String, BackendGrant>,
        client: Option<Client>,
    ) -> Result<Backends, InvalidBackend> {
        let mut by_name = BTreeMap::new();
        for (name, grant) in grants {
            let address = |address: &String| {
                parse(address).map_err(|problem| InvalidBackend {
                    backend: name.clone(),
                    address: address.clone(),
                    problem,
                })
            };
            let regions = grant
                .regions
                .iter()
                .map(|(region, of)| Ok((region.clone(), address(of)?)))
                .collect::<Result<_, InvalidBackend>>()?;
            let backend = Backend {
                address: address(&grant.address)?,
                regions,
                grant: grant.clone(),
                breakers: Mutex::default(),
            };
            by_name.insert(name.clone(), Arc::new(backend));
        }
        Ok(Backends { client, by_name })
    }

    /// How long the backends of a region must not be called; `None` if all may be.
    pub fn retry_after(&self, region: &str) -> Option<Duration> {
        let waits = self.by_name.values().filter_map(|backend| {
            let breaker = backend.breakers.lock().get(region).cloned();
            breaker?.retry_after()
        });
        waits.max()
    }

    /// Their breakers, by backend and region.
    pub fn status(&self, module: &str) -> Vec<BackendStatus> {
        let mut all = Vec::new();
        for (name, backend) in &self.by_name {
            for (region, breaker) in &*backend.breakers.lock() {
                all.push(BackendStatus {
                    module: module.to_owned(),
                    backend: name.clone(),
                    region: region.clone(),
                    state: breaker.state(),
                });
            }
        }
        all.sort_by(|a, b| (&a.backend, &a.region).cmp(&(&b.backend, &b.region)));
        all
    }
}

/// One backend, in all regions.
pub(super) struct Backend {
    pub address: Url,
    pub regions: BTreeMap<String, Url>,
    pub grant: BackendGrant,
    breakers: Mutex<HashMap<String, Arc<Breaker>>>,
}

impl Backend {
    pub fn breaker(&self, region: &str) -> Arc<Breaker> {
        let mut breakers = self.breakers.lock();
        if let Some(breaker) = breakers.get(region) {
            return breaker.clone();
        }
        let breaker = Arc::new(Breaker::new(self.grant.breaker));
        breakers.insert(region.to_owned(), breaker.clone());
        breaker
    }
}

fn parse(address: &str) -> Result<Url, String> {
    let url = Url::parse(address).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it must begin with http:// or https://".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must have neither a query nor a fragment".to_owned());
    }
    Ok(url)
}
