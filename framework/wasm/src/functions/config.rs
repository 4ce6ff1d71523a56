//! `[edge]` and `[modules.NAME]` of `protium.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::capabilities::Capabilities;
use crate::engine::RunLimits;
use protium_types::is_region;

/// The region of a node without configured regions.
const LOCAL: &str = "local";

/// `[edge]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EdgeConfig {
    /// The region whose stock and prices this server's pages show. Empty: the first of `regions`,
    /// or `local` if there are none.
    pub region: String,
    /// The regions that this node serves, by name.
    pub regions: BTreeMap<String, RegionConfig>,
    /// Bytes of the embedded key-value store.
    pub store_bytes: u64,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        EdgeConfig {
            region: String::new(),
            regions: BTreeMap::new(),
            store_bytes: 64 << 20,
        }
    }
}

impl EdgeConfig {
    /// The region of pages.
    pub fn own_region(&self) -> &str {
        match self.regions.keys().next() {
            _ if !self.region.is_empty() => &self.region,
            Some(first) => first,
            None => LOCAL,
        }
    }

    /// All regions that this node prewarms.
    pub fn all_regions(&self) -> Vec<String> {
        match self.regions.is_empty() {
            true => vec![self.own_region().to_owned()],
            false => self.regions.keys().cloned().collect(),
        }
    }

    /// What is invalid: the key, and what to do.
    pub fn check(&self) -> Result<(), (String, String)> {
        let names = self
            .regions
            .keys()
            .map(|name| (format!("edge.regions.{name}"), name));
        let own =
            Some(("edge.region".to_owned(), &self.region)).filter(|(_, name)| !name.is_empty());
        for (key, name) in names.chain(own) {
            if !is_region(name) {
                let problem = "a region's name has small letters, digits and hyphens, at most 64";
                return Err((key, problem.to_owned()));
            }
        }
        if !self.region.is_empty()
            && !self.regions.is_empty()
            && !self.regions.contains_key(&self.region)
        {
            let problem = format!(
                "`{}` is none of the regions; they are {}",
                self.region,
                self.all_regions().join(", ")
            );
            return Err(("edge.region".to_owned(), problem));
        }
        Ok(())
    }
}

/// `[edge.regions.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RegionConfig {
    /// Host and port of the Redis with the region's stock and prices: `EDGE_REDIS_ADDR`. Empty: the
    /// embedded store.
    pub redis: String,
}

/// `[modules.NAME]`: the source of an edge module, its limits and grants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModuleConfig {
    /// The Go package of a kit module: a folder in the Go module of the components. Empty:
    /// `edge/NAME`.
    pub package: String,
    /// A built module instead: a kit module, or any WASI preview 1 program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// How many runs one instance serves. 0: each run has a fresh instance.
    pub reuse: u32,
    /// Limits of one run.
    pub limits: RunLimits,
    /// Its grants.
    pub grants: Capabilities,
}

impl ModuleConfig {
    /// Resolves paths relative to the shop.
    pub fn resolve(&mut self, root: &Path) {
        if let Some(file) = &mut self.file {
            *file = root.join(&file);
        }
        for directory in &mut self.grants.directories {
            directory.host = root.join(&directory.host);
        }
    }

    /// The Go package of the module of this name, as a folder of the Go module.
    pub fn package_of(&self, name: &str) -> String {
        match self.package.is_empty() {
            true => format!("edge/{name}"),
            false => self.package.clone(),
        }
    }

    /// What is invalid about the module of this name: the key, and what to do.
    pub fn check(&self, name: &str) -> Result<(), (String, String)> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            let problem = "a module's name has small letters, digits and hyphens";
            return Err((format!("modules.{name}"), problem.to_owned()));
        }
        self.check_values()
            .map_err(|(key, problem)| (format!("modules.{name}.{key}"), problem))
    }

    fn check_values(&self) -> Result<(), (String, String)> {
        let RunLimits {
            cpu_ms,
            wall_ms,
            memory_bytes,
            output_bytes,
            host_calls,
            backend_calls,
            files: _,
            log_lines: _,
            instances,
            queue_ms: _,
            rest_ms: _,
        } = self.limits;
        within("limits.cpu_ms", cpu_ms, 60_000)?;
        within("limits.wall_ms", wall_ms, 600_000)?;
        within("limits.memory_bytes", memory_bytes as u64, 4 << 30)?;
        within("limits.output_bytes", output_bytes as u64, 64 << 20)?;
        within("limits.host_calls", host_calls.into(), 1_000_000)?;
        within("limits.backend_calls", backend_calls.into(), 10_000)?;
        within("limits.instances", instances.into(), 1_000)?;
        for (name, backend) in &self.grants.backends {
            let key = |key: &str| format!("grants.backends.{name}.{key}");
            within(&key("timeout_ms"), backend.timeout_ms, 600_000)?;
            within(&key("body_bytes"), backend.body_bytes as u64, 64 << 20)?;
            let breaker = backend.breaker;
            within(&key("breaker.failures"), breaker.failures.into(), 1_000_000)?;
            within(&key("breaker.open_ms"), breaker.open_ms, 86_400_000)?;
        }
        if self.grants.key_value.iter().any(String::is_empty) {
            let problem =
                "an empty prefix would grant every module's keys: name one, such as `stock:`";
            return Err(("grants.key_value".to_owned(), problem.to_owned()));
        }
        Ok(())
    }
}

/// Refuses a value that is zero or above a bound: the key, and what is allowed.
pub fn within(key: &str, value: u64, most: u64) -> Result<(), (String, String)> {
    if value == 0 || value > most {
        let problem = format!("{value} is out of bounds, 1 to {most} are allowed");
        return Err((key.to_owned(), problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(own: &str, names: &[&str]) -> EdgeConfig {
        EdgeConfig {
            region: own.to_owned(),
            regions: names
                .iter()
                .map(|name| ((*name).to_owned(), RegionConfig::default()))
                .collect(),
            ..EdgeConfig::default()
        }
    }

    #[test]
    fn pages_are_of_the_region_that_is_named_or_the_first_or_local() {
        assert_eq!(regions("", &[]).own_region(), "local");
        assert_eq!(regions("", &["us-1", "eu-1"]).own_region(), "eu-1");
        assert_eq!(regions("us-1", &["us-1", "eu-1"]).own_region(), "us-1");
        assert_eq!(regions("us-1", &[]).all_regions(), ["us-1"]);
        assert_eq!(
            regions("us-1", &["us-1", "eu-1"]).all_regions(),
            ["eu-1", "us-1"]
        );
    }

    #[test]
    fn a_region_that_there_is_not_or_that_cannot_be_one_is_named() {
        assert_eq!(regions("us-1", &["us-1"]).check(), Ok(()));
        let wrong = |config: EdgeConfig| config.check().expect_err("wrong").0;
        assert_eq!(wrong(regions("us-2", &["us-1"])), "edge.region");
        assert_eq!(wrong(regions("EU:1", &[])), "edge.region");
        assert_eq!(wrong(regions("", &["eu 1"])), "edge.regions.eu 1");
    }
}
