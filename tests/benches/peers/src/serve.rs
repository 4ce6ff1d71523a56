//! Starting a peer: `PROGRAM ADDRESS FILE`, the file being the page's data.

use std::error::Error;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::Data;

pub type Failure = Box<dyn Error>;

/// The data that the second argument names.
pub fn data() -> Result<Data, Failure> {
    let file = std::env::args().nth(2).ok_or("no file of data is named")?;
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

/// Serves at the address that is the first argument.
pub fn serve(router: impl FnOnce() -> Router) -> Result<(), Failure> {
    let address = std::env::args().nth(1).ok_or("no address is named")?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(address).await?;
        Ok(axum::serve(listener, router()).await?)
    })
}
