//! The ceiling: axum alone, one route for each answer, which was prepared beforehand. Its process
//! is the bench's own program run again, so that it has a processor account of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::Server;
use super::fetch::Answer;
use crate::{Error, Result};

/// The first argument of a bench's program that is to be this server.
const ROLE: &str = "bare";
/// Every server writes these for itself.
const OWN: [&str; 4] = ["connection", "content-length", "date", "transfer-encoding"];

/// One route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// It begins with `/`.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The bytes as they travel.
    pub body: Vec<u8>,
}

impl Route {
    /// A route that answers what another server answered.
    pub fn like(path: &str, answer: &Answer) -> Route {
        let headers = answer.headers.iter();
        Route {
            path: path.to_owned(),
            headers: headers
                .filter(|(name, _)| !OWN.contains(&name.as_str()))
                .cloned()
                .collect(),
            body: answer.body.clone(),
        }
    }
}

/// Starts a server of these routes. The bench's `main` calls [`is_asked_for`] first.
pub fn start(routes: &[Route], directory: &Path) -> Result<Server> {
    let health = routes.first().map_or("/", |route| &route.path);
    Server::start(health, |address| {
        let file = directory.join(format!("routes-{}.json", address.port()));
        let written = serde_json::to_vec(routes)
            .map_err(std::io::Error::from)
            .and_then(|text| std::fs::write(&file, text));
        written.map_err(failed(&file))?;
        let mut command = Command::new(std::env::current_exe().map_err(failed(&file))?);
        command.arg(ROLE).arg(address.to_string()).arg(file);
        Ok(command)
    })
}

/// Is this server when the program's arguments say so, and comes back at once with `false` when
/// they do not.
pub fn is_asked_for() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [role, address, file] if role == ROLE => {
            let address = address.parse().map_err(|error| Error::Unexpected {
                what: address.clone(),
                detail: format!("{error}"),
            })?;
            serve(address, Path::new(file)).map_err(failed(Path::new(file)))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn failed(file: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = file.to_owned();
    move |source| Error::File { path, source }
}

fn serve(address: SocketAddr, file: &Path) -> std::io::Result<()> {
    let routes: Vec<Route> = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut router = Router::new();
    for route in routes {
        let mut headers = HeaderMap::new();
        for (name, value) in &route.headers {
            let name = name.parse::<HeaderName>().map_err(std::io::Error::other)?;
            let value = HeaderValue::from_str(value).map_err(std::io::Error::other)?;
            headers.append(name, value);
        }
        let body = Bytes::from(route.body);
        let answer = move || std::future::ready((headers.clone(), body.clone()));
        router = router.route(&route.path, get(answer));
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(listener, router).await
    })
}
