//! What stands between a request and the shop: session, origin check, what proxies say, security
//! headers, locale, assets, refusals.

pub mod addresses;
pub mod assets;
pub mod cart_key;
pub mod client_body;
pub mod client_stream;
pub mod connections;
pub mod csp;
pub mod declared_params;
pub mod forwarded;
pub mod framing;
pub mod freshness;
pub mod locale;
pub mod operator_token;
pub mod origin;
pub mod params;
pub mod rate_limit;
pub mod refusal;
pub mod serve;
pub mod session;
