//! A Chromium for the browser tests.

use std::path::{Path, PathBuf};

use crate::node::Packages;
use crate::packages::install;
use crate::workspace::{command, on_path, output, root};
use crate::{Error, Result};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The browser to test with: PROTIUM_CHROMIUM, else one on PATH, else the one that Playwright
/// downloads, else Debian's package where this runs as root.
pub fn find(playwright: &Packages) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("PROTIUM_CHROMIUM") {
        let chosen = PathBuf::from(chosen);
        if !chosen.is_file() {
            let detail = format!("{} is not a file", chosen.display());
            return Err(Error::Unexpected {
                what: "PROTIUM_CHROMIUM".into(),
                detail,
            });
        }
        return Ok(chosen);
    }
    if let Some(found) = on_path(&NAMES) {
        return Ok(found);
    }
    let download = match downloaded(playwright) {
        Ok(browser) => return Ok(browser),
        Err(error) => error,
    };
    package().map_err(|package| Error::NoChromium {
        download: Box::new(download),
        package,
    })
}

/// Playwright's own browser, which must also start: the libraries it needs may be missing.
fn downloaded(playwright: &Packages) -> Result<PathBuf> {
    output(
        command(playwright.tool("playwright"), playwright.folder()).args(["install", "chromium"]),
    )?;
    let script = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
    let browser = output(command("node", playwright.folder()).args(["-e", script]))?;
    let browser = PathBuf::from(browser);
    starts(&browser)?;
    Ok(browser)
}

fn starts(browser: &Path) -> Result<()> {
    output(command(browser, root()).arg("--version")).map(drop)
}

fn package() -> std::result::Result<PathBuf, String> {
    install(&["chromium", "fonts-noto-color-emoji"])?;
    on_path(&NAMES).ok_or_else(|| "the package brought no chromium".into())
}
