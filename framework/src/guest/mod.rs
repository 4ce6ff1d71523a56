//! Go modules on the server: artifacts, instances, the ABI, limits. Knows nothing of shops.
#![allow(dead_code)]
mod value; mod json; mod manifest; mod outcome;
pub use value::{Value, ValueError}; pub use json::to_script_json; pub use manifest::*; pub use outcome::*;
#[derive(Debug, thiserror::Error)]
#[error("stub")]
pub enum GuestError { Input(#[from] ValueError) }
pub struct Host;
impl Host { pub fn manifest(&self) -> &Manifest { todo!() } pub fn lane(&self) -> Lane { Lane::Go } pub async fn render(&self, _b: &Batch) -> Result<Rendered, GuestError> { todo!() } }
