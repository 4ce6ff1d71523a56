//! An edge node: caches the public pages of an origin shop, fills their holes for its visitors, and
//! proxies everything else. It shares nothing with the shop but Redis, where there is one.
//!
//! - `api`: the shop's side: what nodes ask of it; `origin_info`: what it tells them of itself.
//! - `origin`: the shop behind this node, over HTTP.
//! - `node`: what a node's requests share; `origin_state`: what it knows of the shop; `watch`: how
//!   that is kept up to date.
//! - `service`: the layers and routes of a node.
//! - `pages`: public pages, cached with holes; `files`: files that may be cached.
//! - `pass`: everything else is proxied to the shop; `headers`: which headers are passed on.
//! - `prewarm`: the prewarm of a node.
//! - `errors`: error responses, as pages or JSON.

pub(crate) mod api;
mod errors;
mod files;
mod headers;
mod node;
mod origin;
pub(crate) mod origin_info;
mod origin_state;
mod pages;
mod pass;
mod prewarm;
mod service;
mod watch;

use std::io::Write;

use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::app::data_directory;
use crate::app::start_error::StartError;
use crate::config::Config;
use crate::http::connections::Capacity;
use crate::http::serve::Arrived;
use crate::http::stop_signal::stop_signal;
pub use node::NodeOptions;
use node::{Bypass, Node};

/// Serves as an edge node until a signal ends the process. The shop need not run yet.
pub async fn serve(config: Config, options: NodeOptions) -> Result<(), StartError> {
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    data_directory::prepare(&config.data)?;
    let node = Node::new(config, options)?;
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let watch = tokio::spawn(watch::watch(node.clone()));
    let prewarm = tokio::spawn(prewarm::keep_warm(node.clone()));
    println!("edge node {} is open at http://{address}", node.0.region);
    let _ = std::io::stdout().flush();
    // A proxied request takes a connection to the shop too.
    let capacity = Capacity::of_this_process(2, node.0.trusted_proxies.clone());
    let stop = stop_signal();
    let service = service::service(node).map_request(Arrived::into_request);
    crate::http::serve::serve(listener, service, capacity, stop).await;
    watch.abort();
    prewarm.abort();
    Ok(())
}
