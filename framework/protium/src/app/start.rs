//! Serves a shop until a signal ends the process.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::app::Shop;
use crate::app::additions::Additions;
use crate::app::dev_config::{self, ReadConfig};
use crate::app::start_error::StartError;
use crate::app::supervisor::{FromShop, Supervisor};
use crate::config::Config;
use crate::http::connections::Capacity;
use crate::http::stop_signal::stop_signal;
use crate::page_cache::front::Front;

/// What a server has from the process that started it, and from its own command line.
pub(crate) struct Surroundings {
    /// The socket that it was given, to serve in place of one of its own.
    pub listener: Option<std::net::TcpListener>,
    /// In development, the process that restarts it.
    pub supervisor: Option<Arc<Supervisor>>,
    /// Reads the configuration again.
    pub read_config: ReadConfig,
}

/// Serves the shop in `root`, with what its program adds, until a signal ends the process, or its
/// supervisor is gone.
pub(crate) async fn serve_with(
    root: &Path,
    config: Config,
    additions: Arc<Additions<Shop>>,
    surroundings: Surroundings,
) -> Result<(), StartError> {
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    let listener = match surroundings.listener {
        Some(given) => taken(given).map_err(listening)?,
        None => TcpListener::bind(address).await.map_err(listening)?,
    };
    let address = listener.local_addr().map_err(listening)?;
    let shop = Shop::open_with(root, config, additions).await?;
    shop.run_on_start().await?;
    let assets = std::sync::Arc::clone(&shop.release().assets);
    if !shop.config().dev {
        std::thread::spawn(move || assets.compress());
    }
    println!("{} is open at http://{address}", shop.config().shop.name);
    let _ = std::io::stdout().flush();
    let supervisor = surroundings.supervisor;
    if shop.config().dev {
        dev_config::watch(&shop, surroundings.read_config, supervisor.clone());
    }
    if let Some(supervisor) = &supervisor {
        tokio::spawn(show_program_errors(shop.clone(), Arc::clone(supervisor)));
        supervisor.tell(&FromShop::Open);
    }
    let loading = tokio::spawn(shop.clone().load_modules_of_handlers());
    let warming = tokio::spawn(shop.clone().keep_warm());
    let reloading = tokio::spawn(deploy_on_hangup(shop.clone()));
    let stopping = shop.clone();
    let stop = async move {
        match supervisor {
            Some(supervisor) => tokio::select! {
                () = stop_signal() => {}
                () = supervisor.gone() => {}
            },
            None => stop_signal().await,
        }
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

fn taken(given: std::net::TcpListener) -> std::io::Result<TcpListener> {
    given.set_nonblocking(true)?;
    TcpListener::from_std(given)
}

/// Shows what the supervisor says of the shop's program, on pages that are open.
async fn show_program_errors(shop: Shop, supervisor: Arc<Supervisor>) {
    let mut told = supervisor.hear();
    while told.changed().await.is_ok() {
        let Some(errors) = told.borrow_and_update().clone() else {
            return;
        };
        shop.show_program_errors(errors);
    }
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
