//! Many visitors on many pages, as a script for `wrk`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Server;
use super::shop::{unexpected, variant};
use crate::Result;
use crate::workspace::output;

/// Requests of a script, asked for over and over.
const REQUESTS: usize = 40_000;

/// The cookies of so many visitors, each with a cart: of one to nine pieces, and half of them
/// changed once more. All are made by two runs of curl.
pub fn carts(shop: &Server, product: &str, count: usize, directory: &Path) -> Result<Vec<String>> {
    let variant = variant(shop, product)?;
    let none = vec![None; count];
    let mut cookies = add(shop, &variant, &none, directory)?;
    let half: Vec<Option<String>> = cookies.iter().step_by(2).cloned().map(Some).collect();
    let changed = add(shop, &variant, &half, directory)?;
    for (cookie, changed) in cookies.iter_mut().step_by(2).zip(changed) {
        *cookie = changed;
    }
    Ok(cookies)
}

/// Adds to these carts, or to new ones, and returns their cookies.
fn add(
    shop: &Server,
    variant: &str,
    carts: &[Option<String>],
    directory: &Path,
) -> Result<Vec<String>> {
    let url = shop.url("/cart/add");
    let mut config = String::new();
    for (number, cart) in carts.iter().enumerate() {
        if number > 0 {
            config.push_str("next\n");
        }
        let quantity = number % 9 + 1;
        // Writing to a string does not fail.
        let _ = writeln!(
            config,
            "silent\nurl = \"{url}\"\ndata = \"variant_id={variant}&quantity={quantity}\"\n\
             header = \"sec-fetch-site: same-origin\"\ndump-header = \"-\"\noutput = \"/dev/null\""
        );
        if let Some(cart) = cart {
            let _ = writeln!(config, "header = \"cookie: {cart}\"");
        }
    }
    let file = directory.join("carts.curl");
    std::fs::write(&file, config).map_err(|error| unexpected(&url, &error.to_string()))?;
    let answers = output(Command::new("curl").arg("--config").arg(&file))?;
    let cookies: Vec<String> = answers
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: protium="))
        .filter_map(|cookie| cookie.split(';').next())
        .map(|value| format!("protium={value}"))
        .collect();
    match cookies.len() == carts.len() {
        true => Ok(cookies),
        false => Err(unexpected(
            &url,
            &format!("{} carts instead of {}", cookies.len(), carts.len()),
        )),
    }
}

/// A script in which these visitors, or somebody without a cookie, ask for these pages in this
/// encoding: the first most often, the n-th one n times more rarely (Zipf). Visitors take turns.
pub fn script(
    pages: &[String],
    cookies: &[String],
    encoding: &str,
    file: PathBuf,
) -> Result<PathBuf> {
    let mut lua = String::from("local requests = {}\n");
    let weights: f64 = (1..=pages.len()).map(|rank| 1.0 / rank as f64).sum();
    let _ = writeln!(lua, "local pages, cookies = {{}}, {{}}");
    for page in pages {
        let _ = writeln!(lua, "pages[#pages + 1] = \"{page}\"");
    }
    for cookie in cookies {
        let _ = writeln!(lua, "cookies[#cookies + 1] = \"{cookie}\"");
    }
    let _ = write!(
        lua,
        "math.randomseed(7)
function init(args)
  for i = 1, {REQUESTS} do
    local at, page = math.random() * {weights}, 1
    while page < #pages and at > 1 / page do
      at = at - 1 / page
      page = page + 1
    end
    local headers = {{ [\"accept-encoding\"] = \"{encoding}\" }}
    if #cookies > 0 then headers[\"cookie\"] = cookies[i % #cookies + 1] end
    requests[i] = wrk.format(\"GET\", pages[page], headers)
  end
end
local i = 0
function request()
  i = i % #requests + 1
  return requests[i]
end
"
    );
    std::fs::write(&file, lua)
        .map_err(|error| unexpected(&file.to_string_lossy(), &error.to_string()))?;
    Ok(file)
}
