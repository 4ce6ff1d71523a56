//! The example store as a server under load.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Server;
use super::fetch::{get, post};
use crate::workspace::{command, output, path, target};
use crate::{Error, Result};

/// Builds the store with the profile that this was built with, and returns its program.
pub fn build() -> Result<PathBuf> {
    // Together with this crate, as the bench itself was built: by itself the store would share no
    // dependency with it.
    let packages = ["--package", "example-store", "--package", "tests"];
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = command(cargo, path(""));
    build.args(["build", "--quiet", "--bins"]).args(packages);
    if cfg!(debug_assertions) {
        output(&mut build)?;
        return Ok(target().join("debug/example-store"));
    }
    output(build.arg("--release"))?;
    Ok(target().join("release/example-store"))
}

/// Starts the store with its data in this directory and these further variables.
pub fn start(program: &Path, data: &Path, variables: &[(&str, &str)]) -> Result<Server> {
    Server::start("/healthz", |address| {
        let mut command = Command::new(program);
        command
            .env("PROTIUM_DATA", data)
            .env("PROTIUM_LISTEN", address.to_string())
            .env("RUST_LOG", "error")
            .envs(variables.iter().copied());
        Ok(command)
    })
}

/// The addresses of all products, in the order of `/collections/all`.
pub fn products(shop: &Server) -> Result<Vec<String>> {
    let mut paths: Vec<String> = Vec::new();
    let mut page = Some("/collections/all".to_owned());
    while let Some(target) = page.take() {
        let text = get(&shop.url(&target), &[])?.text();
        let links = text.split("href=\"").skip(1);
        for link in links.filter_map(|rest| rest.split('"').next()) {
            let link = link.replace("&amp;", "&");
            if link.starts_with("/products/") && !paths.contains(&link) {
                paths.push(link);
            } else if link.starts_with("/collections/all?") && link.contains("direction=next") {
                page = Some(link);
            }
        }
    }
    match paths.is_empty() {
        false => Ok(paths),
        true => Err(Error::Unexpected {
            what: "/collections/all".into(),
            detail: "it shows no product".into(),
        }),
    }
}

/// The first variant of this product that can be bought.
pub fn variant(shop: &Server, product: &str) -> Result<String> {
    let page = get(&shop.url(product), &[])?.text();
    let variant = page
        .split("name=\"variant_id\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    variant
        .map(str::to_owned)
        .ok_or_else(|| unexpected(product, "there is nothing to buy"))
}

/// The cookie of somebody who put two pieces of this product into the cart.
pub fn cookie_with_a_cart(shop: &Server, product: &str) -> Result<String> {
    let variant = variant(shop, product)?;
    let form = format!("variant_id={variant}&quantity=2");
    let added = post(&shop.url("/cart/add"), &form)?;
    let cookie = added
        .header("set-cookie")
        .and_then(|cookie| cookie.split(';').next());
    cookie
        .map(str::to_owned)
        .ok_or_else(|| unexpected(product, "its cart has no cookie"))
}

pub(super) fn unexpected(what: &str, detail: &str) -> Error {
    Error::Unexpected {
        what: what.to_owned(),
        detail: detail.to_owned(),
    }
}
