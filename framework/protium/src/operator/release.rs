//! `/_protium/release`: which releases there are, and what to do with them.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::release::Release;
use crate::release::canary::MARGIN;
use crate::release::error::ReleaseError;
use crate::request::params::Params;
use crate::telemetry::with_causes;
use protium_types::locale::Locale;
use protium_types::unix_millis;

/// How long a response waits for a build, which goes on in the background after that.
const WAIT: Duration = Duration::from_secs(20);

/// The releases of a process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    /// The number of the release that requests get.
    pub current: u64,
    /// Since when, in universal time.
    pub since: String,
    /// One is being built.
    pub building: bool,
    /// What came of the last build, or of the last canary.
    pub last: Option<Last>,
    /// All that are remembered, the youngest first.
    pub releases: Vec<OneRelease>,
}

/// What came of a build.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Last {
    /// When it ended, in universal time.
    pub at: String,
    /// The release that resulted; absent when it was refused.
    pub release: Option<u64>,
    /// Why it was refused.
    pub refused: Option<String>,
}

/// One release.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OneRelease {
    /// 1 is the one that the process started with.
    pub number: u64,
    /// `current`, `canary` or `previous`.
    pub state: String,
    /// BUILD of its pages.
    pub build: String,
    /// When it was built, in universal time.
    pub built_at: String,
    /// Requests that it answered, those for files not counted.
    pub requests: u64,
    /// Those of them in whose answer a component failed, or which had none (500).
    pub traps: u64,
    /// Of a canary: per cent of the visitors who get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
    /// Of a canary: it is taken back when its traps, in per cent of its requests, are above those
    /// of the current release by more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// What is to be done.
enum Wanted {
    /// A new release, for all visitors or for so many per cent of them.
    New(Option<u8>),
    /// The canary for all visitors.
    Promote,
    /// No canary any more, or the release before.
    RollBack,
}

pub(super) async fn show(State(shop): State<Shop>) -> Json<Status> {
    Json(status(&shop))
}

pub(super) async fn act(State(shop): State<Shop>, params: Params) -> Result<Response, HttpError> {
    let done = match wanted(&params)? {
        Wanted::Promote => shop.promote().await,
        Wanted::RollBack => shop.roll_back().await,
        Wanted::New(Some(share)) if shop.0.releases.state().canary.is_some() => {
            let canary = shop.0.releases.set_share(share);
            canary.map(|()| shop.release().number)
        }
        Wanted::New(share) => match tokio::time::timeout(WAIT, shop.deploy(share)).await {
            Ok(done) => done,
            Err(_) => return Ok((StatusCode::ACCEPTED, Json(status(&shop))).into_response()),
        },
    };
    match done {
        Ok(_) => Ok(Json(status(&shop)).into_response()),
        Err(error) => Err(refusal(&error)),
    }
}

fn wanted(params: &Params) -> Result<Wanted, HttpError> {
    let unclear = |message: &str| HttpError::new(StatusCode::BAD_REQUEST, "invalid", message);
    let mut wanted = None;
    for (name, value) in params.iter() {
        let one = match name {
            "rollback" => Wanted::RollBack,
            "promote" => Wanted::Promote,
            "share" => {
                let share = value.parse().ok().filter(|share| (1..=99).contains(share));
                let share = share
                    .ok_or_else(|| unclear("“share” is a whole number of per cent, 1 to 99."))?;
                Wanted::New(Some(share))
            }
            _ => {
                return Err(unclear(
                    "It is one of share=5, promote and rollback, or nothing.",
                ));
            }
        };
        if wanted.replace(one).is_some() {
            return Err(unclear(
                "Only one of share, promote and rollback is possible.",
            ));
        }
    }
    Ok(wanted.unwrap_or(Wanted::New(None)))
}

/// The reason with its causes, for the operator.
fn refusal(error: &ReleaseError) -> HttpError {
    let (status, code) = match error {
        ReleaseError::Busy => (StatusCode::CONFLICT, "busy"),
        ReleaseError::CanaryUnderWay => (StatusCode::CONFLICT, "canary_under_way"),
        ReleaseError::NoCanary => (StatusCode::CONFLICT, "no_canary"),
        ReleaseError::NoPrevious => (StatusCode::CONFLICT, "no_previous_release"),
        ReleaseError::Build(_)
        | ReleaseError::Edge(_)
        | ReleaseError::Home(_)
        | ReleaseError::TimedOut
        | ReleaseError::Panicked(_) => (StatusCode::UNPROCESSABLE_ENTITY, "release_refused"),
    };
    HttpError::new(status, code, with_causes(error))
}

fn status(shop: &Shop) -> Status {
    let (releases, locale) = (&shop.0.releases, shop.locale());
    let state = releases.state();
    let one = |release: &Release, name: &str| {
        let (requests, traps) = release.counts.read();
        OneRelease {
            number: release.number,
            state: name.to_owned(),
            build: release.pages.build().to_owned(),
            built_at: moment(locale, release.built_at),
            requests,
            traps,
            share: None,
            margin: None,
        }
    };
    let canary = state.canary.iter().map(|canary| OneRelease {
        share: Some(canary.share),
        margin: Some(MARGIN),
        ..one(&canary.release, "canary")
    });
    let previous = state.previous.iter().rev();
    Status {
        current: state.current.number,
        since: moment(locale, state.since),
        building: releases.building.try_lock().is_err(),
        last: releases.last.lock().as_ref().map(|last| Last {
            at: moment(locale, last.at),
            release: last.result.as_ref().ok().copied(),
            refused: last.result.as_ref().err().cloned(),
        }),
        releases: canary
            .chain([one(&state.current, "current")])
            .chain(previous.map(|release| one(release, "previous")))
            .collect(),
    }
}

fn moment(locale: &Locale, at: SystemTime) -> String {
    locale.universal_time(unix_millis(at)).0
}
