//! `protium release`: has a running shop deploy what its directory has.

use std::process::ExitCode;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::cli::error::ReleaseFailure;
use crate::config::Config;
use crate::operator;
use crate::operator::release::Status;
use protium_wasm::outbound;

/// Between two looks at a build that is under way.
const LOOK: Duration = Duration::from_secs(1);
/// The most bytes of an answer.
const MOST: usize = 1 << 20;

/// Have the running shop take over its templates, files and components as they are now
#[derive(Debug, clap::Args)]
pub struct Release {
    #[command(flatten)]
    what: What,
    /// Where the shop is: when it is not named, where its configuration says that it listens
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct What {
    /// Give it to so many per cent of the visitors only, always the same ones
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=99))]
    share: Option<u8>,
    /// Give what a share of the visitors has to all of them
    #[arg(long)]
    promote: bool,
    /// Go back to the release before, at once
    #[arg(long)]
    rollback: bool,
    /// Say which releases there are, and do nothing
    #[arg(long)]
    status: bool,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorText,
}

#[derive(Deserialize)]
struct ErrorText {
    message: String,
}

/// Calls the running shop with this configuration, and waits for the outcome.
pub async fn run(config: &Config, command: Release) -> Result<ExitCode, ReleaseFailure> {
    let base = command
        .url
        .unwrap_or_else(|| format!("http://{}", config.listen));
    let url = format!("{}{}", base.trim_end_matches('/'), operator::RELEASE);
    let (method, query) = match command.what {
        What { status: true, .. } => (Method::GET, String::new()),
        What { promote: true, .. } => (Method::POST, "?promote".to_owned()),
        What { rollback: true, .. } => (Method::POST, "?rollback".to_owned()),
        What {
            share: Some(share), ..
        } => (Method::POST, format!("?share={share}")),
        What { .. } => (Method::POST, String::new()),
    };
    let mut status = ask(config, method, &format!("{url}{query}")).await?;
    while status.building {
        tokio::time::sleep(LOOK).await;
        status = ask(config, Method::GET, &url).await?;
        if let (false, Some(reason)) = (status.building, refused(&status)) {
            return Err(ReleaseFailure::Refused {
                url,
                status: StatusCode::UNPROCESSABLE_ENTITY,
                message: reason,
            });
        }
    }
    say(&status);
    Ok(ExitCode::SUCCESS)
}

fn refused(status: &Status) -> Option<String> {
    status.last.as_ref().and_then(|last| last.refused.clone())
}

async fn ask(config: &Config, method: Method, url: &str) -> Result<Status, ReleaseFailure> {
    if config.operator_token.is_empty() {
        return Err(ReleaseFailure::NoToken);
    }
    let away = |source| ReleaseFailure::Away {
        url: url.to_owned(),
        source,
    };
    let client = outbound::client().build().map_err(away)?;
    let request = client
        .request(method, url)
        .bearer_auth(&config.operator_token);
    let response = request.send().await.map_err(away)?;
    let status = response.status();
    let refused = |message: String| ReleaseFailure::Refused {
        url: url.to_owned(),
        status,
        message,
    };
    let body = match outbound::read(response, MOST).await {
        Ok(body) => body,
        Err(outbound::ReadError::Failed(error)) => return Err(away(error)),
        Err(outbound::ReadError::TooLarge) => return Err(refused("too long an answer".to_owned())),
    };
    if !status.is_success() {
        let said: Result<ErrorBody, _> = serde_json::from_slice(&body);
        return Err(refused(said.map_or_else(
            |_| "it has no releases".to_owned(),
            |said| said.error.message,
        )));
    }
    serde_json::from_slice(&body).map_err(|error| refused(error.to_string()))
}

fn say(status: &Status) {
    for one in &status.releases {
        let share = one
            .share
            .map_or(String::new(), |share| format!(", {share} % of visitors"));
        println!(
            "{:>4}  {:<8}  BUILD {}  built {}  {} requests, {} traps{share}",
            one.number, one.state, one.build, one.built_at, one.requests, one.traps
        );
    }
    if let Some(reason) = refused(status) {
        println!("the last one was refused: {reason}");
    }
}
