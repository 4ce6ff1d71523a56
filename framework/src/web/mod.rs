//! What stands between a request and the shop: session, origin check, security headers, locale, assets, refusals.

pub mod assets;
pub mod csp;
pub mod freshness;
pub mod locale;
pub mod operator_token;
pub mod origin;
pub mod params;
pub mod patient;
pub mod refusal;
pub mod serve;
pub mod session;
