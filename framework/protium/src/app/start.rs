//! Serves a shop until a signal ends the process.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::app::Shop;
use crate::app::additions::Additions;
use crate::app::start_error::StartError;
use crate::config::Config;
use crate::http::connections::Capacity;
use crate::http::stop_signal::stop_signal;
use crate::page_cache::front::Front;

/// Serves the shop in `root`, with what its program adds, until a signal ends the process.
pub(crate) async fn serve_with(
    root: &Path,
    config: Config,
    additions: Arc<Additions<Shop>>,
) -> Result<(), StartError> {
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let shop = Shop::open_with(root, config, additions).await?;
    shop.run_on_start().await?;
    let assets = std::sync::Arc::clone(&shop.release().assets);
    if !shop.config().dev {
        std::thread::spawn(move || assets.compress());
    }
    println!("{} is open at http://{address}", shop.config().shop.name);
    let _ = std::io::stdout().flush();
    let loading = tokio::spawn(shop.clone().load_modules_of_handlers());
    let warming = tokio::spawn(shop.clone().keep_warm());
    let reloading = tokio::spawn(deploy_on_hangup(shop.clone()));
    let stopping = shop.clone();
    let stop = async move {
        stop_signal().await;
        tracing::info!("stopping: requests under way are finished");
        if let Some(watched) = &stopping.0.watched {
            watched.pages.close();
        }
    };
    let capacity = Capacity::of_this_process(1, shop.0.trusted_proxies.clone());
    let front = Front::new(shop.clone(), shop.router());
    crate::http::serve::serve(listener, front, capacity, stop).await;
    loading.abort();
    warming.abort();
    reloading.abort();
    Ok(())
}

impl Shop {
    /// Runs what the shop's program does once before its shop is served.
    pub(crate) async fn run_on_start(&self) -> Result<(), StartError> {
        for start in &self.0.additions.on_start {
            start(self.clone())
                .await
                .map_err(|error| StartError::Program(Box::new(error)))?;
        }
        Ok(())
    }
}

/// Deploys what the shop's directory has, each time that the process gets SIGHUP.
async fn deploy_on_hangup(shop: Shop) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => {
                tracing::warn!(%error, "SIGHUP is not handled");
                return;
            }
        };
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: a release is built");
            // The outcome is in the log.
            let _ = shop.deploy(None).await;
        }
    }
    #[cfg(not(unix))]
    drop(shop);
}
