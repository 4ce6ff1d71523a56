//! The shop's configuration: defaults, then `protium.toml`, then `PROTIUM_*` variables, then flags.

mod budget;
mod markets;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Tag, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

pub use self::budget::Budget;
use self::markets::MarketsConfig;
pub use self::markets::{MarketConfig, PriceListConfig};
use crate::http::csp::CspSources;
use crate::http::forwarded::{TrustedProxies, is_https};
use crate::prewarm::job::PrewarmConfig;
use protium_types::locale::{Locale, LocaleError};
use protium_types::{Currency, MarketError, Markets};
use protium_wasm::functions::EdgeConfig;
use protium_wasm::functions::{ModuleConfig, within};
use protium_wasm::{LaneChoice, Limits, Pool};

/// The file's name, in the shop's directory.
pub const FILE: &str = "protium.toml";
/// What every variable's name begins with.
const PREFIX: &str = "PROTIUM_";
/// The fewest bytes of an operator token.
const SHORTEST_TOKEN: usize = 32;
/// What the variables are called as a source.
const VARIABLES: &str = "environment variables";

/// Everything that can be set. Every key has a default.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the shop listens.
    pub listen: SocketAddr,
    /// The directory for the database, the secret and built artifacts; made when it is missing.
    pub data: PathBuf,
    /// What cookies are signed with, at least 32 bytes. Empty: made once, in the data directory.
    pub secret: String,
    /// The secret before this one. Cookies that were signed with it are still read, so that a new
    /// secret keeps the carts.
    pub previous_secret: String,
    /// Whether responses may be stored.
    pub cache: Switch,
    /// A Redis or Valkey server behind the cache, for all nodes of the shop: `redis://HOST:6379/0`.
    /// Empty: each node has its own memory alone.
    pub redis_url: String,
    /// Bytes that the pages of the shop take there at most. When the server's own limit
    /// (`maxmemory`) is less than twice that: half of it.
    pub redis_page_bytes: u64,
    /// What operators show (`Authorization: Bearer …`) at `/_protium/cache` and its neighbours, at
    /// least 32 bytes. Empty: these do not exist.
    pub operator_token: String,
    /// Networks and addresses of the proxies in front of the shop, whose `X-Forwarded-For`,
    /// `X-Forwarded-Host` and `Forwarded` are believed. In the variable they are separated by
    /// commas.
    pub trusted_proxies: Vec<String>,
    /// Which build of the components is used.
    pub lane: LaneChoice,
    /// Development: readable error pages, templates read again, every component rendered twice.
    pub dev: bool,
    /// Whether the cookie is for https only.
    pub secure_cookies: SecureCookies,
    /// The Go package with the shop's components: the folder of a Go module, or a folder in one.
    /// Edge modules are folders of the same Go module.
    pub components: PathBuf,
    /// The shop's name and ways.
    pub shop: Shop,
    /// How often one address may change carts.
    pub carts: CartLimits,
    /// How lists are narrowed by facets.
    pub filter: FilterConfig,
    /// Markets beside that of `[shop]`, by name.
    pub markets: BTreeMap<String, MarketConfig>,
    /// Price lists beside the shop's own, by name.
    pub price_lists: BTreeMap<String, PriceListConfig>,
    /// Sources of the content security policy beside the shop's own files.
    pub csp: CspSources,
    /// Design tokens: each becomes a custom property, sent with `theme.css`.
    pub theme: BTreeMap<String, String>,
    /// What one call into the components may use.
    pub limits: Limits,
    /// Room for instances of the components.
    pub pool: Pool,
    /// The regions of this node, and its key-value store.
    pub edge: EdgeConfig,
    /// Edge modules, by name.
    pub modules: BTreeMap<String, ModuleConfig>,
    /// What is done ahead of visitors.
    pub prewarm: PrewarmConfig,
    /// What visitors download at most.
    pub budget: Budget,
}

/// `[shop]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// What the shop is called.
    pub name: String,
    /// Where visitors find the shop, for example `https://shop.example`: what canonical links begin
    /// with.
    pub url: String,
    /// A sentence about it: the description of pages that have none.
    pub tagline: String,
    /// ISO 4217, for example `EUR`.
    pub currency: String,
    /// Language and region, for example `en-GB`.
    pub locale: String,
    /// A line above every page; empty for none.
    pub announcement: String,
}

/// `[carts]`: bounds for each address, so that one visitor cannot fill the database. 0: no bound.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CartLimits {
    /// Additions of visitors who have no cart yet.
    pub new_per_minute: u32,
    /// All changes, additions included.
    pub changes_per_minute: u32,
}

/// `[filter]`: a module in memory narrows the lists of large catalogues, SQL those of small ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilterConfig {
    /// Products that visitors can see, from which on the module does it.
    pub from: u32,
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// When the cookie carries `Secure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SecureCookies {
    /// When the proxy in front says the request came by https (`X-Forwarded-Proto`, `Forwarded`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl SecureCookies {
    /// Whether the cookies of an answer to a request with these headers carry `Secure`.
    pub(crate) fn is_secure(self, headers: &HeaderMap) -> bool {
        match self {
            SecureCookies::Always => true,
            SecureCookies::Never => false,
            SecureCookies::Auto => is_https(headers),
        }
    }
}

/// A lane by the name that it has in the configuration.
fn lane(name: &str) -> Result<LaneChoice, String> {
    let known = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
    LaneChoice::deserialize(known).map_err(|_| "the lanes are `auto`, `tinygo` and `go`".to_owned())
}

/// What the command line may override.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Address to listen on
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Directory for the database, the secret and built artifacts
    #[arg(long, global = true, value_name = "DIRECTORY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// Which build of the components is used
    #[arg(long, global = true, value_parser = lane)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<LaneChoice>,
    /// Development: readable errors, templates read again
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dev: bool,
}

impl Flags {
    /// The flags as another process of this program takes them.
    #[cfg(unix)]
    pub(crate) fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: std::ffi::OsString| {
            arguments.extend([name.into(), value]);
        };
        if let Some(listen) = self.listen {
            add("--listen", listen.to_string().into());
        }
        if let Some(data) = &self.data {
            add("--data", data.into());
        }
        if let Some(lane) = self.lane {
            let name = match lane {
                LaneChoice::Auto => "auto",
                LaneChoice::TinyGo => "tinygo",
                LaneChoice::Go => "go",
            };
            add("--lane", name.into());
        }
        if self.dev {
            arguments.push("--dev".into());
        }
        arguments
    }
}

/// A configuration that cannot be used: where, which key, what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read as a whole.
    #[error("{place}: {problem}")]
    Place {
        /// The file, or where else it was set.
        place: String,
        /// What is wrong, with the line in a file.
        problem: String,
    },
    /// A key that there is not.
    #[error("{place}: unknown key `{key}`{hint}")]
    UnknownKey {
        /// The file, or where else it was set.
        place: String,
        /// The key with its tables, joined by dots.
        key: String,
        /// The key that may be meant, or all there are.
        hint: String,
    },
    /// A value that its key does not take.
    #[error("{place}: key `{key}`: {problem}")]
    Value {
        /// The file, or the variable.
        place: String,
        /// The key with its tables, joined by dots.
        key: String,
        /// What is wrong, and what it may be.
        problem: String,
    },
}

impl Config {
    /// The defaults of a shop in directory `root`.
    pub fn defaults(root: &Path) -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: root.join("data").join("store"),
            secret: String::new(),
            previous_secret: String::new(),
            cache: Switch::On,
            redis_url: String::new(),
            redis_page_bytes: protium_cache::shared::config::BUDGET,
            operator_token: String::new(),
            trusted_proxies: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
            lane: LaneChoice::Auto,
            dev: false,
            secure_cookies: SecureCookies::Auto,
            components: root.join("components"),
            shop: Shop {
                name: "A Protium shop".to_owned(),
                url: String::new(),
                tagline: String::new(),
                currency: "EUR".to_owned(),
                locale: "en-GB".to_owned(),
                announcement: String::new(),
            },
            carts: CartLimits {
                new_per_minute: 120,
                changes_per_minute: 600,
            },
            filter: FilterConfig { from: 500 },
            markets: BTreeMap::new(),
            price_lists: BTreeMap::new(),
            csp: CspSources::default(),
            theme: BTreeMap::new(),
            limits: Limits::default(),
            pool: Pool::default(),
            edge: EdgeConfig::default(),
            modules: BTreeMap::new(),
            prewarm: PrewarmConfig::default(),
            budget: Budget::default(),
        }
    }

    /// Reads the configuration of the shop in `root` with the variables of this process.
    pub(crate) fn load_with_environment(root: &Path, flags: &Flags) -> Result<Config, ConfigError> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Config::load(root, std::env::vars_os().filter_map(text), flags)
    }

    /// Reads the configuration of the shop in `root`: file, then `vars` (name and value), then
    /// flags.
    ///
    /// Paths in the file are relative to `root`, all others to the current directory.
    pub fn load(
        root: &Path,
        vars: impl IntoIterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Config, ConfigError> {
        let file = root.join(FILE);
        let defaults = Config::defaults(root);
        let mut figment = Figment::from(Serialized::defaults(&defaults));
        if file.exists() {
            if !file.is_file() {
                return Err(ConfigError::Place {
                    place: file.display().to_string(),
                    problem: "this is not a file".to_owned(),
                });
            }
            figment = figment.merge(Toml::file_exact(&file));
        }
        let figment = figment
            .merge(Variables::new(&defaults, vars))
            .merge(Serialized::defaults(flags));
        let mut config: Config = figment.extract().map_err(|error| explain(error, &file))?;
        for (key, path) in [
            ("data", &mut config.data),
            ("components", &mut config.components),
        ] {
            let from_file = figment.find_metadata(key).is_some_and(|metadata| {
                metadata
                    .source
                    .as_ref()
                    .is_some_and(|source| source.file_path().is_some())
            });
            if from_file {
                *path = root.join(&path);
            }
        }
        for module in config.modules.values_mut() {
            module.resolve(root);
        }
        match config.check() {
            Ok(()) => Ok(config),
            Err((key, problem)) => Err(ConfigError::Value {
                place: figment
                    .find_metadata(&key)
                    .map_or_else(|| file.display().to_string(), |m| place(m, &key, &file)),
                key,
                problem,
            }),
        }
    }

    /// All markets of the shop: that of `[shop]`, and those of `[markets.NAME]`.
    ///
    /// # Errors
    ///
    /// Two cannot be told apart, or a part of one is not as it should be.
    pub fn markets(&self) -> Result<Markets, MarketError> {
        self.markets_config().markets()
    }

    /// The price lists beside the shop's own, with the currencies of their prices.
    pub(crate) fn price_lists(&self) -> Vec<(String, Currency)> {
        let config = self.markets_config();
        let lists = self.price_lists.keys().filter_map(|name| {
            let currency = Currency::from_code(config.currency_of(name))?;
            Some((name.clone(), currency))
        });
        lists.collect()
    }

    fn markets_config(&self) -> MarketsConfig<'_> {
        MarketsConfig {
            own: (&self.shop.locale, &self.shop.currency),
            markets: &self.markets,
            price_lists: &self.price_lists,
        }
    }

    /// Whether the host of a request decides about its market.
    pub(crate) fn has_market_hosts(&self) -> bool {
        self.markets.values().any(|market| !market.host.is_empty())
    }

    /// The key of a value that cannot be, and why.
    fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, problem: String| Err((key.to_owned(), problem));
        for (key, secret) in [
            ("secret", &self.secret),
            ("previous_secret", &self.previous_secret),
        ] {
            if !secret.is_empty() && secret.len() < 32 {
                let problem = format!("{} bytes are too few, at least 32 are needed", secret.len());
                return wrong(key, problem);
            }
        }
        let token = self.operator_token.len();
        if (1..SHORTEST_TOKEN).contains(&token) {
            let problem = format!(
                "{token} bytes are too few, at least {SHORTEST_TOKEN} are needed: `openssl rand \
                 -hex 32` makes one"
            );
            return wrong("operator_token", problem);
        }
        if let Err(problem) = TrustedProxies::parse(&self.trusted_proxies) {
            return wrong("trusted_proxies", problem);
        }
        let url = &self.shop.url;
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            let problem = format!("`{url}` does not begin with https:// or http://");
            return wrong("shop.url", problem);
        }
        if let Err(error) = Locale::new(&self.shop.locale, &self.shop.currency) {
            let key = match error {
                LocaleError::UnknownLocale(_) => "shop.locale",
                LocaleError::UnknownCurrency(_) => "shop.currency",
            };
            return wrong(key, error.to_string());
        }
        if let Err(error) = crate::http::assets::tokens_css(&self.theme) {
            return wrong("theme", error.to_string());
        }
        self.markets_config().check()?;
        self.csp.check()?;
        self.edge.check()?;
        self.prewarm.check()?;
        for (name, module) in &self.modules {
            module.check(name)?;
        }
        let (limits, pool) = (&self.limits, &self.pool);
        for (key, value, most) in [
            ("redis_page_bytes", self.redis_page_bytes, 1 << 40),
            ("limits.cpu_ms", limits.cpu_ms, 60_000),
            ("limits.wall_ms", limits.wall_ms, 60_000),
            ("limits.memory_bytes", limits.memory_bytes as u64, 4 << 30),
            ("limits.html_bytes", limits.html_bytes as u64, 64 << 20),
            ("pool.instances", pool.instances.into(), 1_000),
        ] {
            within(key, value, most)?;
        }
        Ok(())
    }
}

/// Where the value of a key came from: the file, or the variable's name.
fn place(metadata: &Metadata, key: &str, file: &Path) -> String {
    match &metadata.source {
        Some(source) => source.file_path().unwrap_or(file).display().to_string(),
        None if metadata.name == VARIABLES => {
            format!("{PREFIX}{}", key.replace(['.', '-'], "_").to_uppercase())
        }
        None => metadata.name.to_string(),
    }
}

/// The first of figment's errors in our words.
fn explain(error: Error, file: &Path) -> ConfigError {
    use figment::error::Kind;
    let error = error
        .into_iter()
        .next()
        .unwrap_or_else(|| Error::from("the configuration cannot be read".to_owned()));
    let key = error.path.join(".");
    let place = error
        .metadata
        .as_ref()
        .map_or_else(|| file.display().to_string(), |m| place(m, &key, file));
    match &error.kind {
        Kind::UnknownField(name, expected) => {
            let mut path = error.path.clone();
            if path.last().map(String::as_str) != Some(name) {
                path.push(name.clone());
            }
            let hint = match nearest(name, expected) {
                Some(known) => format!("; did you mean `{known}`?"),
                None => format!("; the keys here are {}", expected.join(", ")),
            };
            ConfigError::UnknownKey {
                place,
                key: path.join("."),
                hint,
            }
        }
        kind if key.is_empty() => ConfigError::Place {
            place,
            problem: kind.to_string(),
        },
        kind => ConfigError::Value {
            place,
            key,
            problem: kind.to_string(),
        },
    }
}

/// The known name that is most like `name`, when any is.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `PROTIUM_*` variables. `PROTIUM_SHOP_NAME` is `shop.name`; the default value's type says how the
/// text is read. Variables that name no key are left alone: other programs share the prefix.
struct Variables {
    values: Dict,
}

impl Variables {
    fn new(defaults: &Config, vars: impl IntoIterator<Item = (String, String)>) -> Variables {
        let known = match Value::serialize(defaults) {
            Ok(Value::Dict(_, dict)) => dict,
            _ => Dict::new(),
        };
        let mut values = Dict::new();
        for (name, text) in vars {
            let Some(name) = name.strip_prefix(PREFIX) else {
                continue;
            };
            set(&mut values, &known, &name.to_ascii_lowercase(), &text);
        }
        Variables { values }
    }
}

/// Puts `text` at the known key whose path, joined with `_`, is `name`.
fn set(values: &mut Dict, known: &Dict, name: &str, text: &str) {
    for (key, default) in known {
        if let Value::Dict(_, inner) = default {
            let Some(rest) = name
                .strip_prefix(key.as_str())
                .and_then(|rest| rest.strip_prefix('_'))
            else {
                continue;
            };
            let entry = values
                .entry(key.clone())
                .or_insert_with(|| Value::Dict(Tag::Default, Dict::new()));
            if let Value::Dict(_, values) = entry {
                if key == "theme" {
                    values.insert(rest.replace('_', "-"), Value::from(text));
                } else {
                    set(values, inner, rest, text);
                }
            }
        } else if key == name {
            let value = match default {
                Value::Bool(..) => match text.trim() {
                    "1" | "true" | "on" | "yes" => Value::from(true),
                    "0" | "false" | "off" | "no" | "" => Value::from(false),
                    _ => Value::from(text),
                },
                Value::Array(..) => {
                    let items = text.split(',').map(str::trim);
                    let items = items.filter(|item| !item.is_empty()).map(Value::from);
                    Value::from(items.collect::<Vec<_>>())
                }
                Value::Num(..) => text
                    .trim()
                    .parse::<u64>()
                    .map_or_else(|_| Value::from(text), Value::from),
                _ => Value::from(text),
            };
            values.insert(key.clone(), value);
        }
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(VARIABLES)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, vars: &[(&str, &str)], flags: &Flags) -> Result<Config, String> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join(FILE), file).expect("written");
        let vars = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(dir.path(), vars, flags).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_win_over_variables_and_variables_over_the_file() {
        let file =
            "listen = \"127.0.0.1:1\"\n[shop]\nname = \"From the file\"\ntagline = \"CachedPage\"";
        let vars = [
            ("PROTIUM_LISTEN", "127.0.0.1:2"),
            ("PROTIUM_SHOP_NAME", "From a variable"),
        ];
        let config = load(file, &vars, &Flags::default()).expect("sound");
        assert_eq!(config.listen.port(), 2);
        assert_eq!(
            (config.shop.name.as_str(), config.shop.tagline.as_str()),
            ("From a variable", "CachedPage")
        );
        let flags = Flags {
            listen: "127.0.0.1:3".parse().ok(),
            ..Flags::default()
        };
        assert_eq!(load(file, &vars, &flags).expect("sound").listen.port(), 3);
    }

    #[test]
    fn variables_are_read_as_their_key_wants_them() {
        let vars = [
            ("PROTIUM_CACHE", "off"),
            ("PROTIUM_DEV", "1"),
            ("PROTIUM_LANE", "go"),
            ("PROTIUM_SECRET", "12345678901234567890123456789012"),
            ("PROTIUM_LIMITS_CPU_MS", "70"),
            ("PROTIUM_THEME_ACCENT", "#123456"),
            ("PROTIUM_CHROMIUM", "/usr/bin/chromium"),
            ("PROTIUM_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1,"),
        ];
        let config = load("", &vars, &Flags::default()).expect("sound");
        assert_eq!(
            (config.cache, config.dev, config.lane),
            (Switch::Off, true, LaneChoice::Go)
        );
        assert_eq!(config.secret, "12345678901234567890123456789012");
        assert_eq!(config.limits.cpu_ms, 70);
        assert_eq!(config.theme["accent"], "#123456");
        assert_eq!(config.trusted_proxies, ["10.0.0.0/8", "192.0.2.1"]);
    }

    #[test]
    fn a_path_in_the_file_is_relative_to_the_shop() {
        let config = load("data = \"here\"", &[], &Flags::default()).expect("sound");
        assert!(config.data.is_absolute() && config.data.ends_with("here"));
        let config = load(
            "data = \"here\"",
            &[("PROTIUM_DATA", "there")],
            &Flags::default(),
        )
        .expect("sound");
        assert_eq!(config.data, Path::new("there"));
    }

    #[test]
    fn an_error_names_the_file_the_key_and_what_to_do() {
        let vars = [];
        for (file, words) in [
            (
                "[shop]\nnmae = \"x\"",
                ["protium.toml", "shop.nmae", "did you mean `name`"],
            ),
            ("[shop", ["protium.toml", "line 1", ""]),
            ("listen = 3000", ["protium.toml", "listen", ""]),
            (
                "secret = \"short\"",
                ["protium.toml", "secret", "at least 32"],
            ),
            (
                "operator_token = \"a short one\"",
                ["protium.toml", "operator_token", "at least 32"],
            ),
            (
                "trusted_proxies = [\"my-proxy\"]",
                ["protium.toml", "trusted_proxies", "`my-proxy`"],
            ),
            (
                "previous_secret = \"short\"",
                ["protium.toml", "previous_secret", "at least 32"],
            ),
            (
                "[shop]\nlocale = \"xx\"",
                ["protium.toml", "shop.locale", "en-GB"],
            ),
            (
                "[shop]\ncurrency = \"EURO\"",
                ["protium.toml", "shop.currency", "ISO 4217"],
            ),
            (
                "[theme]\naccent = \"red; }\"",
                ["protium.toml", "theme", "accent"],
            ),
            (
                "[limits]\ncpu_ms = 0",
                ["protium.toml", "limits.cpu_ms", "1 to"],
            ),
            (
                "[modules.price.limits]\nwall_ms = 0",
                ["protium.toml", "modules.price.limits.wall_ms", "1 to"],
            ),
            (
                "[modules.price.grants]\nkey_valeu = [\"price:\"]",
                [
                    "protium.toml",
                    "modules.price.grants.key_valeu",
                    "did you mean `key_value`",
                ],
            ),
            (
                "[modules.price.grants]\nkey_value = [\"\"]",
                [
                    "protium.toml",
                    "modules.price.grants.key_value",
                    "every module's keys",
                ],
            ),
            (
                "[modules.\"a b\"]",
                ["protium.toml", "modules.a b", "letters"],
            ),
        ] {
            let error = load(file, &vars, &Flags::default()).expect_err(file);
            for word in words {
                assert!(
                    error.contains(word),
                    "{file:?} gave {error:?}, without {word:?}"
                );
            }
        }
    }
}
